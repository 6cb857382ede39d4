import { request } from 'node:http'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { s3TestContext } from './s3-test-context.ts'
import { bucketNamed, credentials } from './s3-test-door.ts'

const at = { Bucket: 'files', Key: 'a b.csv' }

const codeOf = async (response: Response) => {
  const body = await response.text()
  return `${response.status} ${/<Code>(.*?)<\/Code>/.exec(body)?.[1] ?? body}`
}

test('a presigned GET overrides the headers of its answer, and only as signed', async () => {
  const { client } = await s3TestContext()
  await client.send(new PutObjectCommand({ ...at, Body: 'x', ContentType: 'text/csv' }))
  const url = await getSignedUrl(
    client,
    new GetObjectCommand({
      ...at,
      ResponseContentDisposition: 'attachment; filename="ü.csv"',
      ResponseContentType: 'application/octet-stream',
    }),
  )
  const response = await fetch(url)
  expect(response.headers.get('content-type')).toBe('application/octet-stream')
  const disposition = Buffer.from(response.headers.get('content-disposition') ?? '', 'latin1').toString()
  expect(disposition).toBe('attachment; filename="ü.csv"')
  expect(await codeOf(await fetch(url.replace('octet-stream', 'html')))).toBe('403 SignatureDoesNotMatch')
  expect(await codeOf(await fetch(`${url}&response-content-type=text/html`))).toBe('400 InvalidArgument')
})

test('a presigned URL is good for its method, key and time only', async () => {
  let later = 0
  const { client } = await s3TestContext({ clock: { ...systemClock, now: () => Date.now() + later } })
  await client.send(new PutObjectCommand({ ...at, Body: 'x' }))
  const url = await getSignedUrl(client, new GetObjectCommand(at), { expiresIn: 60 })
  expect(await codeOf(await fetch(url))).toBe('200 x')
  expect(await codeOf(await fetch(url, { method: 'DELETE' }))).toBe('403 SignatureDoesNotMatch')
  expect(await codeOf(await fetch(url.replace('a%20b.csv', 'other.csv')))).toBe('403 SignatureDoesNotMatch')
  expect(await codeOf(await fetch(url.replace('Expires=60', 'Expires=600')))).toBe(
    '403 SignatureDoesNotMatch',
  )
  expect(await codeOf(await fetch(url.replace('Expires=60', 'Expires=6000000')))).toBe(
    '400 AuthorizationQueryParametersError',
  )
  const signed = new URL(url)
  signed.searchParams.set('X-Amz-Signature', '0'.repeat(64))
  expect(await codeOf(await fetch(signed))).toBe('403 SignatureDoesNotMatch')
  later = 62_000
  expect(await (await fetch(url)).text()).toContain('Request has expired')
})

test('a presigned PUT stores what is sent; headers that were not signed are refused', async () => {
  const { client, clientWith, events } = await s3TestContext()
  // Since 3.729 the SDK signs the checksum of the empty body into the URL unless told otherwise; S3 then refuses every other body.
  const url = await getSignedUrl(
    clientWith({ requestChecksumCalculation: 'WHEN_REQUIRED' }),
    new PutObjectCommand({ ...at, Metadata: { owner: 'm1' } }),
  )
  const put = (headers: Record<string, string>, target = url) =>
    fetch(target, { method: 'PUT', body: 'content', headers })
  expect(await codeOf(await put({ 'x-amz-meta-other': '1' }))).toBe('403 AccessDenied')
  expect(await codeOf(await put({ 'content-type': 'text/csv' }))).toBe('200 ')
  expect(events).toMatchObject([{ name: 'ObjectCreated:Put', size: 7 }])
  expect(await client.send(new HeadObjectCommand(at))).toMatchObject({
    ContentType: 'text/csv',
    Metadata: { owner: 'm1' },
  })
  const withEmptyChecksum = await getSignedUrl(client, new PutObjectCommand(at))
  expect(await codeOf(await put({}, withEmptyChecksum))).toBe('400 BadDigest')
})

test('calls without a signature, with another secret, key, region or time are refused before the door', async () => {
  let later = 0
  const { clientWith, door, endpoint, events } = await s3TestContext({
    clock: { ...systemClock, now: () => Date.now() + later },
  })
  const put = (config: object) =>
    clientWith(config)
      .send(new PutObjectCommand({ ...at, Body: 'x' }))
      .catch((error: Error) => error.name)
  expect(await put({ credentials: { ...credentials, secretAccessKey: 'other' } })).toBe(
    'SignatureDoesNotMatch',
  )
  expect(await put({ credentials: { ...credentials, accessKeyId: 'OTHER' } })).toBe('InvalidAccessKeyId')
  expect(await put({ region: 'us-east-1' })).toBe('AuthorizationHeaderMalformed')
  later = 16 * 60_000
  expect(await put({})).toBe('RequestTimeTooSkewed')
  expect(await codeOf(await fetch(`${endpoint}/files/k`, { method: 'PUT', body: 'x' }))).toBe(
    '403 AccessDenied',
  )
  expect(door.calls).toEqual([])
  expect(events).toEqual([])
})

test('a body that is not the one whose hash was signed is refused', async () => {
  const { clientWith, endpoint, bodyCount } = await s3TestContext()
  const client = clientWith({ requestChecksumCalculation: 'WHEN_REQUIRED' })
  client.middlewareStack.add(
    (next) => (args) => {
      if (typeof args.request === 'object' && args.request !== null && 'body' in args.request) {
        args.request.body = 'forged'
      }
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  await expect(client.send(new PutObjectCommand({ ...at, Body: 'signed' }))).rejects.toMatchObject({
    name: 'XAmzContentSHA256Mismatch',
  })
  expect(await bodyCount()).toBe(0)
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/)
})

test('the session token reaches the door from the header and from the query', async () => {
  const { clientWith, door } = await s3TestContext()
  const client = clientWith({ credentials: { ...credentials, sessionToken: 'environment-1' } })
  await client.send(new PutObjectCommand({ ...at, Body: 'x' }))
  await (await fetch(await getSignedUrl(client, new GetObjectCommand(at)))).text()
  expect(door.calls.map(({ call }) => call.sessionToken)).toEqual(['environment-1', 'environment-1'])
})

test('a missing key is 404 to whoever may list the bucket and 403 to others', async () => {
  const { client, door } = await s3TestContext()
  const get = () => client.send(new GetObjectCommand(at)).catch((error: Error) => error.name)
  expect(await get()).toBe('NoSuchKey')
  door.denies = ({ action }) => action === 's3:ListBucket'
  expect(await get()).toBe('AccessDenied')
})

test('what the door refuses has no effect; what it loses gets no answer', async () => {
  const { client, door, events, bodyCount } = await s3TestContext()
  const put = () =>
    client.send(new PutObjectCommand({ ...at, Body: 'x' })).catch((error: Error) => error.message)
  door.denies = ({ action }) => action === 's3:PutObject'
  expect(await put()).toBe(
    'LOCALTEST is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::files/a b.csv',
  )
  // Large enough for the SDK to wait for 100 Continue, which it must not get.
  const large = client.send(new PutObjectCommand({ ...at, Body: Buffer.alloc(5_000_000) }))
  await expect(large).rejects.toMatchObject({ name: 'AccessDenied' })
  expect([await bodyCount(), events.length]).toEqual([0, 0])
  door.denies = () => false
  door.departure = { kind: 'hang up' }
  expect(await put()).toMatch(/socket hang up|ECONNRESET/)
  door.departure = {
    kind: 'fail',
    fault: { status: 503, code: 'SlowDown', message: 'Reduce your request rate.' },
  }
  expect(await put()).toBe('Reduce your request rate.')
  expect([await bodyCount(), events.length]).toEqual([1, 2])
})

test('a call is told to the door with its outcome and bytes', async () => {
  const { client, door } = await s3TestContext()
  await client.send(new PutObjectCommand({ ...at, Body: '12345' }))
  await (await client.send(new GetObjectCommand(at))).Body?.transformToString()
  expect(door.calls).toMatchObject([
    { call: { service: 's3', operation: 'PutObject' }, outcome: { status: 200, requestBytes: 5 } },
    { call: { operation: 'GetObject' }, outcome: { status: 200, requestBytes: 0, responseBytes: 5 } },
  ])
})

test('signed streaming payloads are refused by name', async () => {
  const { client } = await s3TestContext()
  client.middlewareStack.add(
    (next) => (args) => {
      if (typeof args.request === 'object' && args.request !== null && 'headers' in args.request) {
        Object.assign(args.request.headers ?? {}, {
          'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        })
      }
      return next(args)
    },
    { step: 'build', priority: 'low' },
  )
  await expect(client.send(new PutObjectCommand({ ...at, Body: 'x' }))).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'),
  })
})

test('CORS: a preflight and its request are answered by the rules of the bucket', async () => {
  const rule = {
    allowedOrigins: ['https://*.shop.example'],
    allowedMethods: ['GET', 'POST'],
    allowedHeaders: ['content-*'],
    exposedHeaders: ['ETag'],
    maxAge: 600,
  }
  const { endpoint } = await s3TestContext({ buckets: [bucketNamed('files', { cors: [rule] })] })
  const preflight = (headers: Record<string, string>) =>
    new Promise<string>((resolve, reject) => {
      request(`${endpoint}/files`, { method: 'OPTIONS', headers }, (response) => {
        response.resume()
        resolve(`${response.statusCode} ${response.headers['access-control-allow-origin']}`)
      })
        .on('error', reject)
        .end()
    })
  const asked = { origin: 'https://a.shop.example', 'access-control-request-method': 'POST' }
  expect(await preflight({ ...asked, 'access-control-request-headers': 'Content-Type' })).toBe(
    '200 https://a.shop.example',
  )
  expect(await preflight({ ...asked, origin: 'https://evil.example' })).toBe('403 undefined')
  expect(await preflight({ ...asked, 'access-control-request-method': 'PUT' })).toBe('403 undefined')
  expect(await preflight({ ...asked, 'access-control-request-headers': 'x-other' })).toBe('403 undefined')
  const refused = await fetch(`${endpoint}/files/k`, { headers: { origin: 'https://a.shop.example' } })
  expect([refused.status, refused.headers.get('access-control-expose-headers')]).toEqual([403, 'ETag'])
})
