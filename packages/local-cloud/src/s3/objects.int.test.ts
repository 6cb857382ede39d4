import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { s3TestContext } from './s3-test-context.ts'

const text = async (body: { transformToString(): Promise<string> } | undefined) => body?.transformToString()

test('an object comes back with its bytes, ETag, headers and metadata, and is announced', async () => {
  const { client, events } = await s3TestContext()
  const put = await client.send(
    new PutObjectCommand({
      Bucket: 'files',
      Key: 'a/b.csv',
      Body: 'sku,quantity\n',
      ContentType: 'text/csv',
      ContentEncoding: 'identity',
      ContentDisposition: 'attachment; filename="b.csv"',
      CacheControl: 'no-store',
      Metadata: { source: 'test' },
    }),
  )
  const got = await client.send(new GetObjectCommand({ Bucket: 'files', Key: 'a/b.csv' }))
  expect(await text(got.Body)).toBe('sku,quantity\n')
  expect(got).toMatchObject({
    ETag: put.ETag,
    ContentType: 'text/csv',
    ContentEncoding: 'identity',
    ContentDisposition: 'attachment; filename="b.csv"',
    CacheControl: 'no-store',
    Metadata: { source: 'test' },
    ContentLength: 13,
  })
  expect(put.ETag).toBe(`"${createHash('md5').update('sku,quantity\n').digest('hex')}"`)
  expect(events).toMatchObject([
    { name: 'ObjectCreated:Put', bucket: 'files', key: 'a/b.csv', size: 13, principalId: 'LOCALTEST' },
  ])
})

test('a streamed body of unknown chunking arrives whole through aws-chunked with its trailing checksum', async () => {
  const { client } = await s3TestContext()
  const data = randomBytes(3 * 1024 * 1024 + 17)
  await client.send(
    new PutObjectCommand({
      Bucket: 'files',
      Key: 'streamed',
      Body: Readable.from([data.subarray(0, 1_000_001), data.subarray(1_000_001)]),
      ContentLength: data.length,
      ContentEncoding: 'gzip',
    }),
  )
  const got = await client.send(
    new GetObjectCommand({ Bucket: 'files', Key: 'streamed', ChecksumMode: 'ENABLED' }),
  )
  expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(data)).toBe(true)
  expect(got.ContentEncoding).toBe('gzip')
  expect(got.ChecksumCRC32).toBeDefined()
})

test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
  'the SDK and the server agree on %s, for whole and streamed bodies',
  async (algorithm) => {
    const { client } = await s3TestContext()
    const data = randomBytes(300_001)
    for (const [key, body] of [
      ['whole', data],
      ['streamed', Readable.from([data])],
    ] as const) {
      await client.send(
        new PutObjectCommand({
          Bucket: 'files',
          Key: key,
          Body: body,
          ContentLength: data.length,
          ChecksumAlgorithm: algorithm,
        }),
      )
      const head = await client.send(
        new HeadObjectCommand({ Bucket: 'files', Key: key, ChecksumMode: 'ENABLED' }),
      )
      expect(head[`Checksum${algorithm}`]).toBeDefined()
    }
  },
)

test('a body that is not what its checksum or MD5 says is refused and leaves nothing behind', async () => {
  const { client, bodyCount, events } = await s3TestContext()
  const put = (wrong: object) =>
    client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'right', ...wrong }))
  const digest = createHash('md5').update('wrong').digest('base64')
  await expect(put({ ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' })
  await expect(put({ ContentMD5: digest })).rejects.toMatchObject({ name: 'BadDigest' })
  await expect(put({ ContentMD5: 'nonsense' })).rejects.toMatchObject({ name: 'InvalidDigest' })
  expect(await bodyCount()).toBe(0)
  expect(events).toEqual([])
})

test('ranges come back alone; one that lies outside is InvalidRange', async () => {
  const { client } = await s3TestContext()
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: '0123456789' }))
  const range = async (Range: string) => {
    const { Body, ContentRange } = await client.send(
      new GetObjectCommand({ Bucket: 'files', Key: 'k', Range }),
    )
    return [await text(Body), ContentRange]
  }
  expect(await range('bytes=2-4')).toEqual(['234', 'bytes 2-4/10'])
  expect(await range('bytes=7-')).toEqual(['789', 'bytes 7-9/10'])
  expect(await range('bytes=-2')).toEqual(['89', 'bytes 8-9/10'])
  expect(await range('bytes=8-99')).toEqual(['89', 'bytes 8-9/10'])
  expect(await range('bytes=5-2')).toEqual(['0123456789', undefined])
  await expect(range('bytes=10-')).rejects.toMatchObject({ name: 'InvalidRange' })
})

test('conditional reads answer 304 and 412', async () => {
  const { client } = await s3TestContext()
  const { ETag } = await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'x' }))
  const get = (condition: object) =>
    client.send(new GetObjectCommand({ Bucket: 'files', Key: 'k', ...condition }))
  await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' })
  await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } })
  await expect(get({ IfModifiedSince: new Date(Date.now() + 60_000) })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  })
  await expect(get({ IfUnmodifiedSince: new Date(0) })).rejects.toMatchObject({ name: 'PreconditionFailed' })
  expect(await text((await get({ IfMatch: ETag })).Body)).toBe('x')
})

test('If-None-Match: * lets one of many concurrent writers win', async () => {
  const { client, bodyCount } = await s3TestContext()
  const writes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, writer) =>
      client.send(
        new PutObjectCommand({ Bucket: 'files', Key: 'once', Body: String(writer), IfNoneMatch: '*' }),
      ),
    ),
  )
  expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const write of writes) {
    if (write.status === 'rejected') expect(write.reason).toMatchObject({ name: 'PreconditionFailed' })
  }
  expect(await bodyCount()).toBe(1)
})

test('If-Match replaces only the version it names', async () => {
  const { client } = await s3TestContext()
  const put = (Body: string, condition: object = {}) =>
    client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body, ...condition }))
  await expect(put('x', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'NoSuchKey' })
  const { ETag } = await put('1')
  await expect(put('2', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' })
  await put('2', { IfMatch: ETag })
})

test('an overwritten object keeps streaming to whoever was reading it', async () => {
  const { client, bodyCount } = await s3TestContext()
  const old = randomBytes(8 * 1024 * 1024)
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: old }))
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'files', Key: 'k' }))
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'new' }))
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(old)).toBe(true)
  expect(await bodyCount()).toBe(1)
})

test('deleting removes the object once and is announced once', async () => {
  const { client, events, bodyCount } = await s3TestContext()
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'x' }))
  await client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'k' }))
  await client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'k' }))
  expect(events.map(({ name }) => name)).toEqual(['ObjectCreated:Put', 'ObjectRemoved:Delete'])
  expect(await bodyCount()).toBe(0)
})

test('sequencers of one key grow as text', async () => {
  const { client, events } = await s3TestContext()
  for (let write = 0; write < 20; write++) {
    await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: String(write) }))
  }
  const sequencers = events.map(({ sequencer }) => sequencer)
  expect(sequencers).toEqual([...new Set(sequencers)].sort())
  expect(sequencers.at(0)).toMatch(/^[0-9A-F]{18}$/)
})

test('DeleteObjects deletes what it may and says what it may not', async () => {
  const { client, door, events } = await s3TestContext()
  for (const Key of ['a', 'b&<>', 'kept']) {
    await client.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'x' }))
  }
  door.denies = ({ resource }) => resource.endsWith('/kept')
  const answer = await client.send(
    new DeleteObjectsCommand({
      Bucket: 'files',
      Delete: { Objects: [{ Key: 'a' }, { Key: 'b&<>' }, { Key: 'kept' }, { Key: 'never was' }] },
    }),
  )
  expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['a', 'b&<>', 'never was'])
  expect(answer.Errors).toMatchObject([{ Key: 'kept', Code: 'AccessDenied' }])
  expect(events.filter(({ name }) => name === 'ObjectRemoved:Delete').map(({ key }) => key)).toEqual([
    'a',
    'b&<>',
  ])
})

test('a copy is an object of its own, with the metadata of its source or its own', async () => {
  const { client, events } = await s3TestContext()
  await client.send(
    new PutObjectCommand({ Bucket: 'files', Key: 'from +ü', Body: 'copied', Metadata: { a: '1' } }),
  )
  const source = `files/${encodeURIComponent('from +ü')}`
  await client.send(new CopyObjectCommand({ Bucket: 'versions', Key: 'to', CopySource: source }))
  await client.send(
    new CopyObjectCommand({
      Bucket: 'files',
      Key: 'replaced',
      CopySource: source,
      MetadataDirective: 'REPLACE',
      Metadata: { b: '2' },
    }),
  )
  await client.send(new DeleteObjectCommand({ Bucket: 'files', Key: 'from +ü' }))
  const copy = await client.send(new GetObjectCommand({ Bucket: 'versions', Key: 'to' }))
  expect([await text(copy.Body), copy.Metadata]).toEqual(['copied', { a: '1' }])
  const replaced = await client.send(new HeadObjectCommand({ Bucket: 'files', Key: 'replaced' }))
  expect(replaced.Metadata).toEqual({ b: '2' })
  expect(events.filter(({ name }) => name === 'ObjectCreated:Copy')).toHaveLength(2)
  await expect(
    client.send(new CopyObjectCommand({ Bucket: 'files', Key: 'x', CopySource: 'files/missing' })),
  ).rejects.toMatchObject({ name: 'NoSuchKey' })
})

test('a bucket with versioning keeps every version behind a delete marker', async () => {
  const { client, events } = await s3TestContext()
  const at = { Bucket: 'versions', Key: 'k' }
  const first = await client.send(new PutObjectCommand({ ...at, Body: '1' }))
  const second = await client.send(new PutObjectCommand({ ...at, Body: '2' }))
  expect(first.VersionId).not.toBe(second.VersionId)
  const deleted = await client.send(new DeleteObjectCommand(at))
  expect(deleted.DeleteMarker).toBe(true)
  await expect(client.send(new GetObjectCommand(at))).rejects.toMatchObject({ name: 'NoSuchKey' })
  const old = await client.send(new GetObjectCommand({ ...at, VersionId: first.VersionId }))
  expect(await text(old.Body)).toBe('1')
  await expect(
    client.send(new GetObjectCommand({ ...at, VersionId: deleted.VersionId })),
  ).rejects.toMatchObject({ name: 'MethodNotAllowed' })
  await client.send(new DeleteObjectCommand({ ...at, VersionId: deleted.VersionId }))
  expect(await text((await client.send(new GetObjectCommand(at))).Body)).toBe('2')
  expect(events.map(({ name, versionId }) => [name, versionId])).toEqual([
    ['ObjectCreated:Put', first.VersionId],
    ['ObjectCreated:Put', second.VersionId],
    ['ObjectRemoved:DeleteMarkerCreated', deleted.VersionId],
    ['ObjectRemoved:Delete', deleted.VersionId],
  ])
})

test('objects survive a restart, half-written files do not', async () => {
  const before = await s3TestContext()
  await before.client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'kept' }))
  await writeFile(`${before.dataDirectory}/bodies/orphan`, 'cut short')
  const after = await before.restart()
  const got = await after.client.send(new GetObjectCommand({ Bucket: 'files', Key: 'k' }))
  expect(await text(got.Body)).toBe('kept')
  expect(await after.bodyCount()).toBe(1)
})

test('a bucket tells its region; a missing one is NoSuchBucket', async () => {
  const { client } = await s3TestContext()
  expect(await client.send(new HeadBucketCommand({ Bucket: 'files' }))).toMatchObject({
    BucketRegion: 'eu-west-1',
  })
  const location = await client.send(new GetBucketLocationCommand({ Bucket: 'files' }))
  expect(location.LocationConstraint).toBe('eu-west-1')
  await expect(client.send(new ListObjectsV2Command({ Bucket: 'not-there' }))).rejects.toMatchObject({
    name: 'NoSuchBucket',
  })
})

test('what is not implemented says so by name instead of succeeding', async () => {
  const { client } = await s3TestContext()
  await client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'x' }))
  const tagging = client.send(new GetObjectTaggingCommand({ Bucket: 'files', Key: 'k' }))
  await expect(tagging).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('GET object ?tagging'),
  })
  const tagged = client.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'x', Tagging: 'a=b' }))
  await expect(tagged).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('x-amz-tagging'),
  })
})
