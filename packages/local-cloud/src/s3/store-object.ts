import type { ObjectEventName } from '../events/object-event.ts'
import type { Change, WriteCondition } from './object-index.ts'
import type { S3Call, S3Service } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import type { StoredObject } from './stored-object.ts'

/** Fixed width, so that readers agree whether they pad left, right or not at all. */
const sequencerOf = (sequence: number): string => sequence.toString(16).toUpperCase().padStart(18, '0')

/** Tells the world of a change that the index holds. */
export const announce = (
  { onObjectEvent, clock }: S3Service,
  call: S3Call,
  name: ObjectEventName,
  key: string,
  change: Change,
  object?: Pick<StoredObject, 'size' | 'eTag'>,
): void =>
  onObjectEvent({
    name,
    bucket: call.bucket.name,
    key,
    at: clock.now(),
    sequencer: sequencerOf(change.sequence),
    ...(object && { size: object.size, eTag: object.eTag }),
    ...(change.versionId !== 'null' && { versionId: change.versionId }),
    principalId: call.caller.accessKeyId,
    sourceIp: call.sourceIp,
    requestId: call.requestId,
  })

/**
 * Reads `If-Match` and `If-None-Match` of a write. Throws NotImplemented for an `If-None-Match` other than `*`, which is all
 * that S3 supports.
 */
export const writeCondition = (headers: ReadonlyMap<string, string>): WriteCondition => {
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', 'If-None-Match of a write supports only *.')
  }
  return { ifNoneMatch: ifNoneMatch === '*', ifMatch: headers.get('if-match')?.replace(/^"(.*)"$/, '$1') }
}

/** The object to store, with its file already written; `uploadId` closes a multipart upload in the same transaction. */
export interface NewObject extends Pick<StoredObject, 'fileId' | 'size' | 'eTag' | 'headers' | 'checksum'> {
  readonly eventName: ObjectEventName
  readonly uploadId?: string
}

/**
 * Makes a file the newest version of the call's key, announces it and removes the files that it replaced.
 * The new file is removed when a condition refuses it (PreconditionFailed, NoSuchKey).
 */
export const storeObject = async (
  service: S3Service,
  call: S3Call,
  { eventName, uploadId, ...stored }: NewObject,
): Promise<{ readonly change: Change; readonly object: Omit<StoredObject, 'kind' | 'versionId'> }> => {
  const { index, uploads, files, clock } = service
  const object = { ...stored, key: call.key, modifiedAt: clock.now() }
  let change: Change
  try {
    const condition = writeCondition(call.headers)
    change = index.atomically(() => {
      const put = index.put({
        bucket: call.bucket.name,
        versioned: call.bucket.versioning,
        object,
        condition,
      })
      const partFileIds = uploadId === undefined ? [] : uploads.remove(uploadId)
      return { ...put, freedFileIds: [...put.freedFileIds, ...partFileIds] }
    })
  } catch (error) {
    await files.remove(stored.fileId)
    throw error
  }
  announce(service, call, eventName, call.key, change, object)
  for (const fileId of change.freedFileIds) await files.remove(fileId)
  return { change, object }
}
