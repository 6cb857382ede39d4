import { S3Error } from './s3-error.ts'
import type { StoredObject } from './stored-object.ts'

const kept = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]
const maxMetadataBytes = 2048

/**
 * The headers that an object keeps: Content-Type and its like, and `x-amz-meta-*`. `aws-chunked` describes the transfer, so it is
 * taken out of Content-Encoding. Throws MetadataTooLarge above 2 KB, InvalidArgument for control characters.
 */
export const objectHeaders = (headers: ReadonlyMap<string, string>): Readonly<Record<string, string>> => {
  const result: Record<string, string> = { 'content-type': 'binary/octet-stream' }
  let metadataBytes = 0
  for (const [name, value] of headers) {
    const metadata = name.startsWith('x-amz-meta-')
    if (!metadata && !kept.includes(name)) continue
    if (/\p{Cc}/u.test(name + value)) throw new S3Error('InvalidArgument', undefined, { ArgumentName: name })
    if (metadata)
      metadataBytes += Buffer.byteLength(name.slice('x-amz-meta-'.length)) + Buffer.byteLength(value)
    result[name] = value
  }
  if (metadataBytes > maxMetadataBytes) {
    throw new S3Error('MetadataTooLarge', undefined, {
      Size: String(metadataBytes),
      MaxSizeAllowed: String(maxMetadataBytes),
    })
  }
  const encodings = (result['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'aws-chunked')
  delete result['content-encoding']
  return encodings.length > 0 ? { ...result, 'content-encoding': encodings.join(',') } : result
}

/** Metadata outside ASCII goes out as an RFC 2047 word, other headers as raw UTF-8, as S3 does. */
const onTheWire = (name: string, value: string): string => {
  if (/^[\x20-\x7e]*$/.test(value)) return value
  return name.startsWith('x-amz-meta-')
    ? `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`
    : Buffer.from(value, 'utf8').toString('latin1')
}

export const quoted = (eTag: string): string => `"${eTag}"`

/** `x-amz-version-id`, absent outside versioning. */
export const versionHeader = (versionId: string): Readonly<Record<string, string>> =>
  versionId === 'null' ? {} : { 'x-amz-version-id': versionId }

/** The headers of an answer about an object, without those about its length. */
export const describingHeaders = (object: StoredObject): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(object.headers).map(([name, value]) => [name, onTheWire(name, value)]),
  ),
  etag: quoted(object.eTag),
  'last-modified': new Date(object.modifiedAt).toUTCString(),
  'accept-ranges': 'bytes',
  ...versionHeader(object.versionId),
})
