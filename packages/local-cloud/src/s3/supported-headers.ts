import { checksumAlgorithms, checksumHeader } from './checksum.ts'
import { S3Error } from './s3-error.ts'

const understood = new Set([
  'x-amz-algorithm',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-mode',
  'x-amz-checksum-type',
  'x-amz-content-sha256',
  'x-amz-copy-source',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-decoded-content-length',
  'x-amz-expected-bucket-owner',
  'x-amz-metadata-directive',
  'x-amz-mp-object-size',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-security-token',
  'x-amz-signature',
  'x-amz-source-expected-bucket-owner',
  'x-amz-trailer',
  'x-amz-user-agent',
  ...checksumAlgorithms.map(checksumHeader),
])

/** Headers of which only the values that ask for nothing special are understood. */
const values: Readonly<Record<string, readonly string[]>> = {
  'x-amz-acl': ['private', 'bucket-owner-full-control'],
  'x-amz-server-side-encryption': ['AES256'],
  'x-amz-storage-class': ['STANDARD'],
  'x-amz-tagging-directive': ['COPY'],
}

/**
 * Refuses every `x-amz-` header that would change what S3 does and that this server would ignore. Throws NotImplemented naming it,
 * and AccessDenied when the expected bucket owner is another account.
 */
export const assertSupportedHeaders = (headers: ReadonlyMap<string, string>, account: string): void => {
  for (const [name, value] of headers) {
    if (!name.startsWith('x-amz-') || name.startsWith('x-amz-meta-') || understood.has(name)) continue
    if (values[name]?.includes(value)) continue
    throw new S3Error('NotImplemented', `The header ${name}: ${value} is not implemented.`, { Header: name })
  }
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    if ((headers.get(name) ?? account) !== account) throw new S3Error('AccessDenied')
  }
}
