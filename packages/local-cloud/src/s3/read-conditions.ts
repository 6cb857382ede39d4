import type { ByteRange } from './object-files.ts'
import { S3Error } from './s3-error.ts'
import type { StoredObject } from './stored-object.ts'

const names = (header: string, eTag: string): boolean =>
  header.split(',').some((item) => ['*', eTag].includes(item.trim().replace(/^(?:W\/)?"(.*)"$/, '$1')))

/** HTTP dates have whole seconds. */
const modifiedAfter = (object: StoredObject, header: string): boolean =>
  Math.floor(object.modifiedAt / 1000) * 1000 > Date.parse(header)

/**
 * Evaluates the conditional headers of a read in the order of RFC 9110, section 13.2.2: `not modified` asks for a 304.
 * Throws PreconditionFailed.
 */
export const readCondition = (
  headers: ReadonlyMap<string, string>,
  object: StoredObject,
): 'proceed' | 'not modified' => {
  const ifMatch = headers.get('if-match')
  const ifUnmodifiedSince = headers.get('if-unmodified-since')
  if (
    ifMatch !== undefined
      ? !names(ifMatch, object.eTag)
      : ifUnmodifiedSince !== undefined && modifiedAfter(object, ifUnmodifiedSince)
  ) {
    throw new S3Error('PreconditionFailed', undefined, {
      Condition: ifMatch !== undefined ? 'If-Match' : 'If-Unmodified-Since',
    })
  }
  const ifNoneMatch = headers.get('if-none-match')
  const ifModifiedSince = headers.get('if-modified-since')
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, object.eTag) ? 'not modified' : 'proceed'
  return ifModifiedSince !== undefined && !modifiedAfter(object, ifModifiedSince) ? 'not modified' : 'proceed'
}

/**
 * The bytes that a `Range` header asks for; undefined means all, also for several or malformed ranges, which S3 ignores.
 * Throws InvalidRange.
 */
export const requestedRange = (header: string | undefined, size: number): ByteRange | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  const [, from = '', to = ''] = match ?? []
  if (from === '' && to === '') return undefined
  if (from !== '' && to !== '' && Number(from) > Number(to)) return undefined
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (first > last) {
    throw new S3Error(
      'InvalidRange',
      undefined,
      { RangeRequested: header ?? '', ActualObjectSize: String(size) },
      { 'content-range': `bytes */${size}` },
    )
  }
  return { first, last }
}
