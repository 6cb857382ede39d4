import { ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { s3TestContext } from './s3-test-context.ts'

const fill = async (client: S3Client, keys: readonly string[]) => {
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'x' }))
}

/** Reads all pages of `size` and returns what each held. */
const pages = async (client: S3Client, size: number, request: object) => {
  const result: string[][] = []
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: 'files', MaxKeys: size, ContinuationToken: token, ...request }),
    )
    const keys = page.Contents?.map(({ Key = '' }) => Key) ?? []
    const prefixes = page.CommonPrefixes?.map(({ Prefix = '' }) => Prefix) ?? []
    expect(page.KeyCount).toBe(keys.length + prefixes.length)
    result.push([...keys, ...prefixes])
    token = page.NextContinuationToken
    expect(page.IsTruncated).toBe(token !== undefined)
  } while (token !== undefined)
  return result
}

test('keys are listed in the order of their UTF-8 bytes', async () => {
  const { client } = await s3TestContext()
  await fill(client, ['z😀', 'z\uffee', 'zz', 'Z', 'a b', 'a+b', 'a&<b>'])
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'files' }))
  expect(Contents?.map(({ Key }) => Key)).toEqual(['Z', 'a b', 'a&<b>', 'a+b', 'zz', 'z\uffee', 'z😀'])
  const encoded = await client.send(
    new ListObjectsV2Command({ Bucket: 'files', Prefix: 'a ', EncodingType: 'url' }),
  )
  expect(encoded.Contents?.map(({ Key }) => Key)).toEqual(['a%20b'])
})

test('prefix and delimiter fold keys into common prefixes', async () => {
  const { client } = await s3TestContext()
  await fill(client, ['in/a/1', 'in/a/2', 'in/b', 'in/c/1', 'other'])
  expect(await pages(client, 1000, { Prefix: 'in/', Delimiter: '/' })).toEqual([['in/b', 'in/a/', 'in/c/']])
  expect(await pages(client, 1000, { Delimiter: '/' })).toEqual([['other', 'in/']])
})

test('pages end anywhere, also after a common prefix, and lose and repeat nothing', async () => {
  const { client } = await s3TestContext()
  await fill(client, ['a/1', 'a/2', 'b', 'c/1', 'c/2', 'd'])
  expect(await pages(client, 1, { Delimiter: '/' })).toEqual([['a/'], ['b'], ['c/'], ['d']])
  expect(await pages(client, 4, {})).toEqual([
    ['a/1', 'a/2', 'b', 'c/1'],
    ['c/2', 'd'],
  ])
  expect(await pages(client, 1000, { StartAfter: 'b' })).toEqual([['c/1', 'c/2', 'd']])
})

test('listing asks for s3:ListBucket with its prefix as a condition', async () => {
  const { client, door } = await s3TestContext()
  await client.send(new ListObjectsV2Command({ Bucket: 'files', Prefix: 'in/' }))
  expect(door.calls[0]?.call).toMatchObject({
    operation: 'ListObjectsV2',
    actions: [
      { action: 's3:ListBucket', resource: 'arn:aws:s3:::files', conditions: { 's3:prefix': 'in/' } },
    ],
  })
})
