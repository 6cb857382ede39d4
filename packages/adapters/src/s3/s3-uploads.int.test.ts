import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { UploadId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import type { FileAddress } from '@stockroom/domain/upload/delivery-files'
import { deliveryFilesContract } from '@stockroom/domain/upload/delivery-files-contract'
import { rejectFilesContract } from '@stockroom/domain/upload/reject-files-contract'
import { rejectsHeader } from '@stockroom/domain/upload/rejects-csv'
import { localEnvironment } from '@stockroom/local-cloud/arn'
import { bucketNamed, credentials, testDoor } from '@stockroom/local-cloud/s3/s3-test-door'
import { type S3Server, startS3 } from '@stockroom/local-cloud/s3/start-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { S3DeliveryFiles } from './s3-delivery-files.ts'
import { S3RejectFiles } from './s3-reject-files.ts'
import { S3RejectLinks } from './s3-reject-links.ts'
import { S3UploadForms } from './s3-upload-forms.ts'
import { deliveryFileKey, rejectsKey } from './upload-object-keys.ts'

const door = testDoor()
let directory: string
let server: S3Server
let client: S3Client

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'uploads-'))
  server = await startS3({
    dataDirectory: directory,
    environment: localEnvironment,
    door,
    onObjectEvent: () => undefined,
  })
  server.createBucket(bucketNamed('uploads', { versioning: true }))
  server.createBucket(bucketNamed('unversioned'))
  server.createBucket(bucketNamed('exports'))
  client = new S3Client({
    region: localEnvironment.region,
    endpoint: server.endpoint,
    credentials,
    forcePathStyle: true,
  })
})
afterAll(async () => {
  client.destroy()
  await server.close()
  await rm(directory, { recursive: true })
})

const address: FileAddress = {
  merchant: MerchantId.parse('forms'),
  uploadId: UploadId.parse('upl_00000000000000000000000001'),
}

describe.each(['uploads', 'unversioned'])('in a bucket called %s', (Bucket) => {
  const versions: { readonly Key: string; readonly VersionId: string | undefined }[] = []
  deliveryFilesContract('S3DeliveryFiles', () => ({
    files: new S3DeliveryFiles({ client, uploadsBucket: Bucket }),
    put: async (of, bytes) => {
      const object = { Bucket, Key: deliveryFileKey(of), Body: bytes, ContentType: 'text/csv' }
      const { VersionId } = await client.send(new PutObjectCommand(object))
      versions.push({ Key: object.Key, VersionId })
    },
    purge: async (of) => {
      for (const version of versions.filter(({ Key }) => Key === deliveryFileKey(of)))
        await client.send(new DeleteObjectCommand({ Bucket, ...version }))
    },
  }))
})

rejectFilesContract('S3RejectFiles', () => ({
  rejectFiles: new S3RejectFiles({ client, exportsBucket: 'exports' }),
  merged: async (of) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'exports', Key: rejectsKey(of) }))
      return await Body?.transformToString()
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined
      throw error
    }
  },
}))

test('rejects that cannot be read while they are merged fail the merge and leave no file', async () => {
  const rejectFiles = new S3RejectFiles({
    client,
    exportsBucket: 'exports',
  })
  for (const chunk of [1, 2, 3]) await rejectFiles.writeChunk({ ...address, chunk }, 'x'.repeat(100_000))
  door.denies = ({ action, resource }) => action === 's3:GetObject' && resource.endsWith('00002.csv')
  await expect(rejectFiles.merge(address)).rejects.toThrow(/not authorized/)
  door.denies = () => false
  const merged = new GetObjectCommand({ Bucket: 'exports', Key: rejectsKey(address) })
  await expect(client.send(merged)).rejects.toThrow(NoSuchKey)
})

test('merges rejects of more than one part', async () => {
  const rejectFiles = new S3RejectFiles({
    client,
    exportsBucket: 'exports',
  })
  const of = { ...address, uploadId: UploadId.parse('upl_00000000000000000000000002') }
  const chunk = (n: number) => `${n}`.repeat(3_000_000)
  for (const n of [1, 2, 3, 4, 5]) await rejectFiles.writeChunk({ ...of, chunk: n }, chunk(n))
  await rejectFiles.merge(of)
  const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: 'exports', Key: rejectsKey(of) }))
  expect(ETag).toMatch(/-3"$/)
  expect((await Body?.transformToString())?.slice(rejectsHeader.length)).toBe(
    [1, 2, 3, 4, 5].map(chunk).join(''),
  )
  // S3 refuses parts with a checksum of which CreateMultipartUpload said nothing, and the SDK adds one to each part.
  const announced = new HeadObjectCommand({ Bucket: 'exports', Key: rejectsKey(of), ChecksumMode: 'ENABLED' })
  expect((await client.send(announced)).ChecksumCRC32).toMatch(/-3$/)
})

test('a link gives the rejects of one upload, for as long as it says', async () => {
  await new S3RejectFiles({ client, exportsBucket: 'exports' }).merge(address)
  const link = await new S3RejectLinks({ client, exportsBucket: 'exports' }).link(address, 300)
  const answer = await fetch(link)
  expect(answer.headers.get('content-disposition')).toBe(
    `attachment; filename="rejects-${address.uploadId}.csv"`,
  )
  expect((await answer.text()).startsWith(rejectsHeader)).toBe(true)
  expect(new URL(link).searchParams.get('X-Amz-Expires')).toBe('300')
  expect((await fetch(link.replace('0001.csv', '0002.csv'))).status).toBe(403)
})

describe('S3UploadForms', () => {
  const issue = (limits: { minBytes: number; maxBytes: number }) =>
    new S3UploadForms({ client, uploadsBucket: 'uploads' }).issue(address, { ...limits, seconds: 300 })
  const post = async (url: string, fields: Readonly<Record<string, string>>, bytes: number) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob(['x'.repeat(bytes)]))
    return (await fetch(url, { method: 'POST', body: form })).status
  }

  test('put one file at the key of the upload', async () => {
    const { url, fields } = await issue({ minBytes: 0, maxBytes: 10 })
    expect(await post(url, fields, 10)).toBe(204)
    expect(await new S3DeliveryFiles({ client, uploadsBucket: 'uploads' }).head(address)).toMatchObject({
      sizeBytes: 10,
      contentType: 'text/csv',
    })
  })

  test.each<[string, Record<string, string>, number]>([
    ['a byte too many', {}, 11],
    ['ten times the bytes', {}, 100],
    ['too few bytes', {}, 4],
    ['another type', { 'Content-Type': 'text/html' }, 10],
    ["another merchant's key", { key: 'uploads/other/upl_00000000000000000000000001.csv' }, 10],
    ['the key of another upload', { key: 'uploads/forms/upl_00000000000000000000000009.csv' }, 10],
    ['a key beside its own', { key: `${deliveryFileKey(address)}.exe` }, 10],
  ])('refuse %s', async (_, changed, bytes) => {
    const { url, fields } = await issue({ minBytes: 5, maxBytes: 10 })
    expect(await post(url, { ...fields, ...changed }, bytes)).toBeGreaterThanOrEqual(400)
  })

  test('state key, type, size and five minutes in their policy', async () => {
    const { fields } = await issue({ minBytes: 5, maxBytes: 10 })
    const policy = JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString())
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        { key: deliveryFileKey(address) },
        { bucket: 'uploads' },
        { 'Content-Type': 'text/csv' },
        ['content-length-range', 5, 10],
      ]),
    )
    expect(policy.conditions.flatMap(Object.values)).not.toContain('starts-with')
    const seconds = (Date.parse(policy.expiration) - Date.now()) / 1_000
    expect(seconds).toBeGreaterThan(240)
    expect(seconds).toBeLessThanOrEqual(300)
  })
})
