import { request } from 'node:http'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, test } from 'vitest'
import { assertKey, parseTarget } from './request-target.ts'
import { s3TestContext } from './s3-test-context.ts'

/** Sends a path exactly as written: fetch would resolve its dots. */
const rawGet = (endpoint: string, path: string) =>
  new Promise<string>((resolve, reject) => {
    const { hostname, port } = new URL(endpoint)
    request({ hostname, port, path }, async (response) => {
      resolve(`${response.statusCode} ${Buffer.concat(await response.toArray()).toString()}`)
    })
      .on('error', reject)
      .end()
  })

test.each([
  'a b+c.csv',
  'ü%20.csv',
  'dir/x=1&y.csv',
  'trailing/slash/',
  '//double',
  '😀/🧾.csv',
  'quotes\'"<>&.csv',
  'a/../b',
  './x',
  'tilde~(1)!*.csv',
  '%2e%2e%2fx',
  'constructor',
  'nul\u0000byte',
  'k'.repeat(1024),
  'é'.repeat(512),
])('the key %j is kept as it is, through PUT, listing, GET and a presigned URL', async (Key) => {
  const { client, events, bodyCount } = await s3TestContext()
  await client.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'x' }))
  await client.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'again' }))
  const command = new GetObjectCommand({ Bucket: 'files', Key })
  expect(await (await client.send(command)).Body?.transformToString()).toBe('again')
  const listed = await client.send(new ListObjectsV2Command({ Bucket: 'files', EncodingType: 'url' }))
  expect(listed.Contents?.map((object) => decodeURIComponent(object.Key ?? ''))).toEqual([Key])
  expect(events.map(({ key }) => key)).toEqual([Key, Key])
  expect(await bodyCount()).toBe(1)
  if (!Key.includes('.')) {
    expect(await (await fetch(await getSignedUrl(client, command))).text()).toBe('again')
  }
})

test.each(['../../x', '../x', 'a/../../x', 'videos/2014/../../../x'])(
  'the key %j is refused: it climbs above its bucket',
  async (Key) => {
    const { client, bodyCount } = await s3TestContext()
    await expect(
      client.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'x' })),
    ).rejects.toMatchObject({ name: 'InvalidURI' })
    expect(await bodyCount()).toBe(0)
  },
)

test('encoded dots and slashes in a path are read as a key and never as a path', async () => {
  const { endpoint } = await s3TestContext()
  expect(await rawGet(endpoint, '/files/%2e%2e/%2e%2e/index.sqlite')).toMatch(/^400 .*InvalidURI/s)
  expect(await rawGet(endpoint, '/files/..%2f..%2findex.sqlite')).toMatch(/^400 .*InvalidURI/s)
  expect(await rawGet(endpoint, '/../bodies/x')).toMatch(/^403 .*AccessDenied/s)
  expect(await rawGet(endpoint, '/files/%E0%A4%A')).toMatch(/^400 .*InvalidURI/s)
  expect(await rawGet(endpoint, '/files/..%5c..%5cindex.sqlite')).toMatch(/^403 .*AccessDenied/s)
})

test('a key has at most 1024 bytes of UTF-8', async () => {
  const { client } = await s3TestContext()
  for (const Key of ['k'.repeat(1025), 'é'.repeat(513)]) {
    await expect(
      client.send(new PutObjectCommand({ Bucket: 'files', Key, Body: 'x' })),
    ).rejects.toMatchObject({ name: 'KeyTooLongError' })
  }
})

test('relative elements are counted from the left', () => {
  for (const key of ['videos/../x', 'a/b/../../x', '..a/x', 'a..']) expect(() => assertKey(key)).not.toThrow()
  for (const key of ['..', 'a/../..', '/../x']) expect(() => assertKey(key)).toThrow("Couldn't parse")
})

test('path style and virtual-host style address the same object', () => {
  const same = { bucket: 'files', key: 'a/b c' }
  expect(parseTarget('/files/a/b%20c', '127.0.0.1:80')).toMatchObject(same)
  expect(parseTarget('/a/b+c?versionId=1', 'files.localhost:80')).toMatchObject(same)
  expect(parseTarget('/', '127.0.0.1')).toMatchObject({ bucket: undefined, key: '' })
  expect(parseTarget('/files/', '127.0.0.1')).toMatchObject({ bucket: 'files', key: '' })
})
