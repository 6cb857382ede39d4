import { createHash, randomBytes } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { s3TestContext } from './s3-test-context.ts'

const at = { Bucket: 'files', Key: 'big +ü' }
const mebibyte = 1024 * 1024

const begin = async (client: S3Client, options: object = {}) => {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, ...options }))
  return { ...at, UploadId }
}

type Upload = Awaited<ReturnType<typeof begin>>

const upload = async (client: S3Client, where: Upload, PartNumber: number, Body: Buffer) => {
  const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand({ ...where, PartNumber, Body }))
  return { PartNumber, ETag, ...(ChecksumCRC32 && { ChecksumCRC32 }) }
}

const complete = (client: S3Client, where: Upload, Parts: object[], options: object = {}) =>
  client.send(new CompleteMultipartUploadCommand({ ...where, MultipartUpload: { Parts }, ...options }))

const md5 = (data: Buffer) => createHash('md5').update(data).digest()

test('parts become one object with the ETag that S3 computes', async () => {
  const { client, events, bodyCount } = await s3TestContext()
  const where = await begin(client, { ContentType: 'text/csv', Metadata: { a: '1' } })
  const first = randomBytes(5 * mebibyte)
  const second = randomBytes(1000)
  const replaced = await upload(client, where, 7, randomBytes(10))
  const parts = [await upload(client, where, 2, first), await upload(client, where, 7, second)]
  expect(replaced.PartNumber).toBe(7)
  const listed = await client.send(new ListPartsCommand(where))
  expect(listed.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
    [2, 5 * mebibyte],
    [7, 1000],
  ])
  const done = await complete(client, where, parts)
  const eTag = `"${md5(Buffer.concat([md5(first), md5(second)])).toString('hex')}-2"`
  expect(done.ETag).toBe(eTag)
  const got = await client.send(new GetObjectCommand(at))
  expect(
    Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Buffer.concat([first, second])),
  ).toBe(true)
  expect(got).toMatchObject({ ETag: eTag, ContentType: 'text/csv', Metadata: { a: '1' } })
  expect(events).toMatchObject([
    { name: 'ObjectCreated:CompleteMultipartUpload', key: at.Key, size: 5 * mebibyte + 1000 },
  ])
  expect(await bodyCount()).toBe(1)
  await expect(complete(client, where, parts)).rejects.toMatchObject({ name: 'NoSuchUpload' })
})

test('an upload with a checksum gets a composite or a full-object one', async () => {
  const { client } = await s3TestContext()
  const data = randomBytes(5 * mebibyte + 1)
  for (const ChecksumType of ['COMPOSITE', 'FULL_OBJECT'] as const) {
    const where = await begin(client, { ChecksumAlgorithm: 'CRC32', ChecksumType })
    const parts = [
      await upload(client, where, 1, data.subarray(0, 5 * mebibyte)),
      await upload(client, where, 2, data.subarray(5 * mebibyte)),
    ]
    const done = await complete(client, where, parts)
    expect(done.ChecksumType).toBe(ChecksumType)
    // The SDK itself checks the full-object value against the bytes it reads.
    const got = await client.send(new GetObjectCommand({ ...at, ChecksumMode: 'ENABLED' }))
    expect(got.ChecksumCRC32).toBe(done.ChecksumCRC32)
    await got.Body?.transformToByteArray()
    expect(done.ChecksumCRC32?.endsWith('-2')).toBe(ChecksumType === 'COMPOSITE')
  }
})

test('a part that is not the last is at least 5 MiB', async () => {
  const { client, bodyCount } = await s3TestContext()
  const where = await begin(client)
  const parts = [
    await upload(client, where, 1, randomBytes(5 * mebibyte - 1)),
    await upload(client, where, 2, randomBytes(1)),
  ]
  await expect(complete(client, where, parts)).rejects.toMatchObject({ name: 'EntityTooSmall' })
  await expect(client.send(new HeadObjectCommand(at))).rejects.toMatchObject({ name: 'NotFound' })
  expect(await bodyCount()).toBe(2)
})

test('parts must exist as named and stand in order', async () => {
  const { client } = await s3TestContext()
  const where = await begin(client)
  const first = await upload(client, where, 1, randomBytes(5 * mebibyte))
  const second = await upload(client, where, 2, randomBytes(5 * mebibyte))
  const refusal = (parts: object[]) => complete(client, where, parts).catch((error: Error) => error.name)
  expect(await refusal([second, first])).toBe('InvalidPartOrder')
  expect(await refusal([first, { ...second, ETag: first.ETag }])).toBe('InvalidPart')
  expect(await refusal([first, { PartNumber: 3, ETag: first.ETag }])).toBe('InvalidPart')
  expect(await refusal([])).toBe('MalformedXML')
})

test('completing refuses to replace an object when told so, and the upload stays', async () => {
  const { client } = await s3TestContext()
  const [one, two] = [await begin(client), await begin(client)]
  const partOne = await upload(client, one, 1, randomBytes(10))
  const partTwo = await upload(client, two, 1, randomBytes(10))
  await complete(client, one, [partOne], { IfNoneMatch: '*' })
  await expect(complete(client, two, [partTwo], { IfNoneMatch: '*' })).rejects.toMatchObject({
    name: 'PreconditionFailed',
  })
  expect((await client.send(new ListPartsCommand(two))).Parts).toHaveLength(1)
})

test('aborting frees the parts and ends the upload', async () => {
  const { client, bodyCount } = await s3TestContext()
  const where = await begin(client)
  await upload(client, where, 1, randomBytes(10))
  await client.send(new AbortMultipartUploadCommand(where))
  expect(await bodyCount()).toBe(0)
  await expect(upload(client, where, 2, randomBytes(10))).rejects.toMatchObject({ name: 'NoSuchUpload' })
})

test('parts survive a restart', async () => {
  const before = await s3TestContext()
  const where = await begin(before.client)
  const part = await upload(before.client, where, 1, randomBytes(10))
  const { client } = await before.restart()
  await complete(client, where, [part])
})
