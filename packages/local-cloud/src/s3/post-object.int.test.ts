import { request } from 'node:http'
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import {
  createPresignedPost,
  type PresignedPost,
  type PresignedPostOptions,
} from '@aws-sdk/s3-presigned-post'
import { expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { type S3TestContext, s3TestContext } from './s3-test-context.ts'

const key = 'uploads/m1/delivery.csv'

const presign = ({ client }: S3TestContext, options: Partial<PresignedPostOptions> = {}) =>
  createPresignedPost(client, {
    Bucket: 'files',
    Key: key,
    Conditions: [['content-length-range', 2, 20]],
    Fields: { 'Content-Type': 'text/csv' },
    Expires: 300,
    ...options,
  })

interface Sent {
  readonly content?: string
  readonly changes?: Readonly<Record<string, string | undefined>>
  readonly fileName?: string
}

const formOf = (
  { fields }: PresignedPost,
  { content = 'sku,1\n', changes = {}, fileName = 'x.csv' }: Sent,
) => {
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...fields, ...changes })) {
    if (value !== undefined) form.append(name, value)
  }
  form.append('file', new Blob([content]), fileName)
  return form
}

const send = async (post: PresignedPost, sent: Sent = {}) => {
  const response = await fetch(post.url, { method: 'POST', body: formOf(post, sent), redirect: 'manual' })
  const body = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    code: /<Code>(.*)<\/Code>/.exec(body)?.[1],
    message: /<Message>(.*)<\/Message>/.exec(body)?.[1]?.replaceAll('&quot;', '"'),
    body,
  }
}

test('a form within its policy becomes the object that the policy names', async () => {
  const s3 = await s3TestContext()
  const post = await presign(s3, { Fields: { 'Content-Type': 'text/csv', 'x-amz-meta-note': 'grün' } })
  const answer = await send(post, { content: 'sku,quantity\n' })
  expect([answer.status, answer.body]).toEqual([204, ''])
  const got = await s3.client.send(new GetObjectCommand({ Bucket: 'files', Key: key }))
  expect(await got.Body?.transformToString()).toBe('sku,quantity\n')
  expect(got.ContentType).toBe('text/csv')
  expect(got.Metadata).toEqual({ note: `=?UTF-8?B?${Buffer.from('grün').toString('base64')}?=` })
  expect(s3.events).toMatchObject([{ name: 'ObjectCreated:Post', key, size: 13, principalId: 'LOCALTEST' }])
  expect(s3.door.calls.find(({ call }) => call.operation === 'PostObject')).toMatchObject({
    call: { actions: [{ action: 's3:PutObject', resource: `arn:aws:s3:::files/${key}` }] },
    outcome: { status: 204 },
  })
})

test.each([
  ['a file above the range', { content: 'x'.repeat(21) }, 400, 'EntityTooLarge', /maximum allowed size/],
  ['a file below the range', { content: 'x' }, 400, 'EntityTooSmall', /minimum allowed size/],
  [
    'another content type',
    { changes: { 'Content-Type': 'text/html' } },
    403,
    'AccessDenied',
    'Invalid according to Policy: Policy Condition failed: ["eq","$content-type","text/csv"]',
  ],
  [
    'another key',
    { changes: { key: 'uploads/m2/delivery.csv' } },
    403,
    'AccessDenied',
    `Invalid according to Policy: Policy Condition failed: ["eq","$key","${key}"]`,
  ],
  [
    'a missing field',
    { changes: { 'Content-Type': undefined } },
    403,
    'AccessDenied',
    /Policy Condition failed/,
  ],
  [
    'a field that the policy does not name',
    { changes: { 'x-amz-meta-owner': 'me' } },
    403,
    'AccessDenied',
    'Invalid according to Policy: Extra input fields: x-amz-meta-owner',
  ],
  [
    'an ACL that the policy does not name',
    { changes: { acl: 'public-read' } },
    403,
    'AccessDenied',
    'Invalid according to Policy: Extra input fields: acl',
  ],
  [
    'a tampered signature',
    { changes: { 'X-Amz-Signature': '0'.repeat(64) } },
    403,
    'SignatureDoesNotMatch',
    /./,
  ],
  ['no signature', { changes: { 'X-Amz-Signature': undefined } }, 400, 'InvalidArgument', /x-amz-signature/],
  ['no policy', { changes: { Policy: undefined } }, 403, 'AccessDenied', 'Access Denied'],
  ['no key', { changes: { key: undefined } }, 400, 'InvalidArgument', /named 'key'/],
  ['a key that climbs out', { changes: { key: '../../x' } }, 400, 'InvalidURI', /./],
  [
    'another signer',
    {
      changes: {
        'X-Amz-Credential': 'SOMEBODY/20260101/eu-west-1/s3/aws4_request',
        'X-Amz-Date': '20260101T000000Z',
      },
    },
    403,
    'InvalidAccessKeyId',
    /./,
  ],
] as const)('refuses %s and stores nothing', async (_what, sent, status, code, message) => {
  const s3 = await s3TestContext()
  const answer = await send(await presign(s3), sent)
  expect(answer).toMatchObject({
    status,
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
  expect(await s3.bodyCount()).toBe(0)
  expect(s3.events).toEqual([])
})

test('refuses a policy whose text was changed after it was signed', async () => {
  const s3 = await s3TestContext()
  const post = await presign(s3)
  const policy = Buffer.from(post.fields.Policy ?? '', 'base64')
    .toString()
    .replace('20]', '9999]')
  const answer = await send(post, { changes: { Policy: Buffer.from(policy).toString('base64') } })
  expect(answer.code).toBe('SignatureDoesNotMatch')
})

test('refuses a form after its expiry', async () => {
  let later = 0
  const s3 = await s3TestContext({ clock: { ...systemClock, now: () => Date.now() + later } })
  const post = await presign(s3)
  later = 299_000
  expect((await send(post)).status).toBe(204)
  later = 301_000
  expect(await send(post)).toMatchObject({
    status: 403,
    code: 'AccessDenied',
    message: 'Invalid according to Policy: Policy expired.',
  })
})

test('refuses a form of a signer who may not put the object', async () => {
  const s3 = await s3TestContext()
  s3.door.denies = ({ action }) => action === 's3:PutObject'
  expect(await send(await presign(s3))).toMatchObject({ status: 403, code: 'AccessDenied' })
  expect(await s3.bodyCount()).toBe(0)
})

test('starts-with and the filename variable put the name of the file into the key, without its directories', async () => {
  const s3 = await s3TestContext()
  const post = await presign(s3, {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own variable
    Key: 'in/${filename}',
    Conditions: [['starts-with', '$Content-Type', 'text/']],
    Fields: { success_action_status: '201' },
  })
  const answer = await send(post, { changes: { 'Content-Type': 'text/csv' }, fileName: '../../etc/ü &.csv' })
  expect(answer.status).toBe(201)
  expect(answer.body).toContain('<Key>in/ü &amp;.csv</Key>')
  await s3.client.send(new HeadObjectCommand({ Bucket: 'files', Key: 'in/ü &.csv' }))
  const refused = await send(post, { changes: { 'Content-Type': 'text/csv,application/pdf' } })
  expect(refused.code).toBe('AccessDenied')
})

test('success_action_redirect sends the browser on with bucket, key and ETag', async () => {
  const s3 = await s3TestContext()
  const post = await presign(s3, {
    Fields: { 'Content-Type': 'text/csv', success_action_redirect: 'https://shop.example/done?a=1' },
  })
  const answer = await send(post)
  expect(answer.status).toBe(303)
  const location = new URL(answer.headers.get('location') ?? '')
  expect(location.origin).toBe('https://shop.example')
  expect(Object.fromEntries(location.searchParams)).toMatchObject({ a: '1', bucket: 'files', key })
})

test('fields after the file are ignored, a second file is refused', async () => {
  const s3 = await s3TestContext()
  const post = await presign(s3)
  const withLateField = formOf(post, {})
  withLateField.append('acl', 'public-read')
  expect((await fetch(post.url, { method: 'POST', body: withLateField })).status).toBe(204)
  const withSecondFile = formOf(post, {})
  withSecondFile.append('file', new Blob(['other']), 'y.csv')
  const refused = await fetch(post.url, { method: 'POST', body: withSecondFile })
  expect(await refused.text()).toContain('exactly one file')
  expect(await s3.bodyCount()).toBe(1)
})

test('a form without a file, one that is no form and one with huge fields are refused', async () => {
  const s3 = await s3TestContext()
  const post = await presign(s3)
  const form = formOf(post, {})
  form.delete('file')
  const withoutFile = await fetch(post.url, { method: 'POST', body: form })
  expect(await withoutFile.text()).toContain('exactly one file')
  const json = await fetch(post.url, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  expect(await json.text()).toContain('<Code>MalformedPOSTRequest</Code>')
  const huge = await send(post, { changes: { 'x-ignore-me': 'x'.repeat(30_000) } })
  expect(huge.code).toBe('MaxPostPreDataLengthExceeded')
})

test('an upload that breaks off stores nothing and leaves the server well', async () => {
  const s3 = await s3TestContext()
  const post = await presign(s3)
  const whole = Buffer.from(await new Response(formOf(post, { content: 'cut short here' })).arrayBuffer())
  const boundary = whole.toString('latin1').split('\r\n', 1)[0]?.slice(2) ?? ''
  const cut = whole.subarray(0, whole.indexOf('cut short') + 4)
  const outcome = await new Promise<string>((resolve) => {
    const upload = request(post.url, {
      method: 'POST',
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'content-length': whole.length,
      },
    })
    upload.on('error', () => resolve('gone'))
    upload.write(cut, () => upload.destroy())
    upload.on('close', () => resolve('gone'))
  })
  expect(outcome).toBe('gone')
  expect((await send(post)).status).toBe(204)
  expect(await s3.bodyCount()).toBe(1)
})

test('a form whose body ends before its closing boundary is refused', async () => {
  const s3 = await s3TestContext()
  const post = await presign(s3)
  const whole = Buffer.from(await new Response(formOf(post, {})).arrayBuffer())
  const boundary = whole.toString('latin1').split('\r\n', 1)[0]?.slice(2) ?? ''
  const answer = await fetch(post.url, {
    method: 'POST',
    body: whole.subarray(0, whole.indexOf('sku,1') + 4),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  })
  expect(await answer.text()).toContain('<Code>MalformedPOSTRequest</Code>')
  expect(await s3.bodyCount()).toBe(0)
})
