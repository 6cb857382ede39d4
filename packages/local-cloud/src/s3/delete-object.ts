import { bucketArn, type Environment } from '../arn.ts'
import type { RequestedAction } from '../gateway/authorize.ts'
import { versionHeader } from './object-headers.ts'
import type { Change } from './object-index.ts'
import type { S3Call, S3Operation, S3Service } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { announce } from './store-object.ts'

/** What the caller must be permitted to delete a key or one of its versions. */
export const deleteAction = (
  environment: Environment,
  bucket: string,
  key: string,
  versionId: string | undefined,
): RequestedAction => ({
  action: versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
  resource: `${bucketArn(environment, bucket)}/${key}`,
})

/** What a deletion came to: `marker` when a delete marker was added or was itself what was removed. */
export interface Deletion {
  readonly versionId: string
  readonly marker: boolean
}

/**
 * Deletes a key, or one version of it, and announces it. Deleting what does not exist succeeds and announces nothing, except
 * that a bucket with versioning gets a delete marker all the same, as in S3.
 */
export const deleteOne = async (
  service: S3Service,
  call: S3Call,
  key: string,
  versionId: string | undefined,
): Promise<Deletion> => {
  const { index, clock, files } = service
  const bucket = call.bucket.name
  if (versionId === undefined && call.bucket.versioning) {
    const change = index.atomically(() => index.addDeleteMarker(bucket, key, clock.now()))
    announce(service, call, 'ObjectRemoved:DeleteMarkerCreated', key, change)
    return { versionId: change.versionId, marker: true }
  }
  const target = versionId ?? 'null'
  const removed = index.version(bucket, key, target)
  if (removed === undefined) return { versionId: target, marker: false }
  const change: Change = index.atomically(() => index.remove(bucket, key, target))
  announce(service, call, 'ObjectRemoved:Delete', key, change)
  for (const fileId of change.freedFileIds) await files.remove(fileId)
  return { versionId: target, marker: removed.kind === 'delete marker' }
}

export const deleteObject: S3Operation = {
  name: 'DeleteObject',
  parameters: ['versionId'],
  actions: ({ bucket, key, parameters }, environment) => [
    deleteAction(environment, bucket.name, key, parameters.get('versionId')),
  ],
  perform: async (service, call) => {
    if (call.headers.has('if-match')) {
      throw new S3Error('NotImplemented', 'If-Match of DeleteObject is not implemented.')
    }
    const { versionId, marker } = await deleteOne(service, call, call.key, call.parameters.get('versionId'))
    return {
      status: 204,
      headers: { ...versionHeader(versionId), ...(marker && { 'x-amz-delete-marker': 'true' }) },
    }
  },
}
