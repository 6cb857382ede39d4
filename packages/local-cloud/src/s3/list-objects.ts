import { quoted } from './object-headers.ts'
import { onBucket, type S3Call, type S3Operation, type S3Service } from './s3-call.ts'
import { S3Error } from './s3-error.ts'
import { encodeRfc3986 } from './sigv4.ts'
import type { StoredObject } from './stored-object.ts'
import { type XmlElement, xmlDocument } from './xml.ts'

const pageSize = 1000

/** Where the next page starts: after a key, or after everything below a common prefix. */
interface Position {
  readonly after: string
  readonly isPrefix: boolean
}

const tokenOf = ({ after, isPrefix }: Position): string =>
  Buffer.from(`${isPrefix ? 'p' : 'k'}${after}`).toString('base64url')

const positionOf = (token: string): Position => {
  const text = Buffer.from(token, 'base64url').toString()
  if (!/^[pk]/.test(text))
    throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect')
  return { after: text.slice(1), isPrefix: text.startsWith('p') }
}

const maxKeysOf = (text: string | undefined): number => {
  if (text === undefined) return pageSize
  if (!/^\d{1,9}$/.test(text))
    throw new S3Error('InvalidArgument', 'max-keys is not an integer within the range.')
  return Math.min(Number(text), pageSize)
}

interface Page {
  readonly objects: readonly StoredObject[]
  readonly prefixes: readonly string[]
  readonly next: Position | undefined
}

const readPage = (
  { index }: S3Service,
  bucket: string,
  {
    prefix,
    delimiter,
    start,
    maxKeys,
  }: { prefix: string; delimiter: string; start: Position; maxKeys: number },
): Page => {
  const objects: StoredObject[] = []
  const prefixes: string[] = []
  if (maxKeys === 0) return { objects, prefixes, next: undefined }
  let last = start
  for (const object of index.objects(bucket, prefix, start.after)) {
    if (!object.key.startsWith(prefix)) break
    if (last.isPrefix && object.key.startsWith(last.after)) continue
    if (objects.length + prefixes.length === maxKeys) return { objects, prefixes, next: last }
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
    if (end === -1) {
      objects.push(object)
      last = { after: object.key, isPrefix: false }
    } else {
      last = { after: object.key.slice(0, end + delimiter.length), isPrefix: true }
      prefixes.push(last.after)
    }
  }
  return { objects, prefixes, next: undefined }
}

const list = (service: S3Service, call: S3Call): XmlElement => {
  const { parameters, bucket } = call
  const prefix = parameters.get('prefix') ?? ''
  const delimiter = parameters.get('delimiter') ?? ''
  const token = parameters.get('continuation-token')
  const startAfter = parameters.get('start-after')
  const encoding = parameters.get('encoding-type')
  if (encoding !== undefined && encoding !== 'url') {
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request')
  }
  const maxKeys = maxKeysOf(parameters.get('max-keys'))
  const start = token === undefined ? { after: startAfter ?? '', isPrefix: false } : positionOf(token)
  const page = readPage(service, bucket.name, { prefix, delimiter, start, maxKeys })
  const encoded = (text: string) => (encoding === 'url' ? text.split('/').map(encodeRfc3986).join('/') : text)
  return [
    'ListBucketResult',
    [
      ['Name', bucket.name],
      ['Prefix', encoded(prefix)],
      ['Delimiter', delimiter === '' ? undefined : encoded(delimiter)],
      ['StartAfter', startAfter === undefined ? undefined : encoded(startAfter)],
      ['ContinuationToken', token],
      ['NextContinuationToken', page.next && tokenOf(page.next)],
      ['EncodingType', encoding],
      ['KeyCount', page.objects.length + page.prefixes.length],
      ['MaxKeys', maxKeys],
      ['IsTruncated', page.next !== undefined],
      ...page.objects.map(
        (object): XmlElement => [
          'Contents',
          [
            ['Key', encoded(object.key)],
            ['LastModified', new Date(object.modifiedAt).toISOString()],
            ['ETag', quoted(object.eTag)],
            ['ChecksumAlgorithm', object.checksum?.algorithm],
            ['Size', object.size],
            ['StorageClass', 'STANDARD'],
          ],
        ],
      ),
      ...page.prefixes.map((item): XmlElement => ['CommonPrefixes', [['Prefix', encoded(item)]]]),
    ],
  ]
}

export const listObjectsV2: S3Operation = {
  name: 'ListObjectsV2',
  parameters: [
    'list-type',
    'prefix',
    'delimiter',
    'max-keys',
    'continuation-token',
    'start-after',
    'encoding-type',
  ],
  actions: (request, environment) =>
    onBucket('s3:ListBucket')(request, environment).map((action) => ({
      ...action,
      conditions: Object.fromEntries(
        ['prefix', 'delimiter', 'max-keys'].flatMap((name) => {
          const value = request.parameters.get(name)
          return value === undefined ? [] : [[`s3:${name}`, value]]
        }),
      ),
    })),
  perform: async (service, call) => {
    if (call.parameters.get('list-type') !== '2') {
      throw new S3Error('NotImplemented', 'ListObjects (version 1) is not implemented; use ListObjectsV2.')
    }
    return { status: 200, body: xmlDocument(list(service, call)) }
  },
}
