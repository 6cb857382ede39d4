import { bucketArn } from '../arn.ts'
import { versionHeader } from './object-headers.ts'
import type { S3Call, S3Service } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import type { StoredObject } from './stored-object.ts'

/**
 * The object (or its version) that a call reads. A missing one is NoSuchKey or NoSuchVersion only for callers who may list the
 * bucket, AccessDenied for others, as S3 does; a delete marker asked for by its version is MethodNotAllowed.
 */
export const findObject = (
  { index, environment }: S3Service,
  call: S3Call,
  bucket: string,
  key: string,
  versionId: string | undefined,
): StoredObject => {
  const found = versionId === undefined ? index.latest(bucket, key) : index.version(bucket, key, versionId)
  if (found?.kind === 'object') return found
  const marker: Readonly<Record<string, string>> =
    found === undefined ? {} : { 'x-amz-delete-marker': 'true', ...versionHeader(found.versionId) }
  if (!call.permits({ action: 's3:ListBucket', resource: bucketArn(environment, bucket) })) {
    throw new S3Error('AccessDenied')
  }
  if (versionId === undefined) throw new S3Error('NoSuchKey', undefined, { Key: key }, marker)
  if (found !== undefined)
    throw new S3Error('MethodNotAllowed', undefined, {}, { ...marker, allow: 'DELETE' })
  throw new S3Error('NoSuchVersion', undefined, { Key: key, VersionId: versionId })
}
