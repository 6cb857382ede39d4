import { gzipSync } from 'node:zlib'
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toRequest } from './fetch-adapter.ts'
import { useLightFetch } from './light-fetch.ts'
import { aShop, shop } from './routes/a-shop.ts'

const mebibyte = 1024 * 1024

// What runs on Lambda. Node's own would drop a NUL at the end of a path, for one.
const node = { Headers, Request, Response }
beforeAll(useLightFetch)
afterAll(() => void Object.assign(globalThis, node))

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly query?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly base64?: boolean
}

/** The event that API Gateway would make of it; a well-formed order unless said otherwise. */
const eventOf = (sent: Sent): APIGatewayProxyEventV2WithJWTAuthorizer => {
  const { method = 'POST', path = '/orders', query = '', headers = {}, base64 = false } = sent
  const routeKey = `${method} ${path}`
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k', ...headers },
    ...(sent.body !== undefined && { body: sent.body }),
    isBase64Encoded: base64,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      authorizer: { principalId: '', integrationLatency: 0, jwt: { claims: {}, scopes: [] } },
      domainName: 'api.example',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  }
}

/** Sends it to a shop that has nine of tea, and sees that it changed nothing. */
const send = async (sent: Sent) => {
  const { receive, answer, figures, outbox } = aShop()
  receive(shop, 'tea', 9)
  const { status, body, headers } = await answer(toRequest(eventOf(sent)))
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect([await figures(shop, 'tea'), outbox]).toEqual([[9, 0, 0], []])
  return [status, body.code]
}

const order = '{"lines":[{"sku":"tea","quantity":1}]}'
const orderIn = (encoding: BufferEncoding) => Buffer.from(order).toString(encoding)
const unreadable = [400, 'request.unreadable']
const unsupported = [415, 'request.unsupported_media_type']

describe('a body', () => {
  test.each<[string, Sent, readonly unknown[]]>([
    ['of 4 MiB', { body: `{"lines":"${'a'.repeat(4 * mebibyte)}"}` }, [413, 'request.too_large']],
    [
      'of 4 MiB that announces ten bytes',
      { body: `{"lines":"${'a'.repeat(4 * mebibyte)}"}`, headers: { 'content-length': '10' } },
      [413, 'request.too_large'],
    ],
    [
      'too large by its bytes and not by its characters',
      { body: `{"reference":"${'\u20ac'.repeat(mebibyte / 2)}"}` },
      [413, 'request.too_large'],
    ],
    ['of brackets that are never closed', { body: '['.repeat(mebibyte) }, unreadable],
    ['as deep as it is long', { body: '['.repeat(mebibyte / 2) + ']'.repeat(mebibyte / 2) }, unreadable],
    ['of objects in objects', { body: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}` }, unreadable],
    [
      'that is no UTF-8',
      { body: Buffer.from('{"a":"\xff\xfe"}', 'latin1').toString('base64'), base64: true },
      unreadable,
    ],
    ['in UTF-16', { body: Buffer.from(order, 'utf16le').toString('base64'), base64: true }, unreadable],
    ['in base64 that says it is text', { body: orderIn('base64') }, unreadable],
    ['of text that says it is base64', { body: order, base64: true }, unreadable],
    ['that is missing', {}, unreadable],
    [
      'compressed, and says so',
      { body: gzipSync(order).toString('base64'), base64: true, headers: { 'content-encoding': 'gzip' } },
      unsupported,
    ],
    [
      'of 64 MiB, compressed to 64 KiB',
      {
        body: gzipSync(Buffer.alloc(64 * mebibyte)).toString('base64'),
        base64: true,
        headers: { 'content-encoding': 'gzip' },
      },
      unsupported,
    ],
    [
      'compressed, and does not say so',
      { body: gzipSync(order).toString('base64'), base64: true },
      unreadable,
    ],
    [
      'of a form',
      { body: 'lines=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      unsupported,
    ],
    ['of no type', { body: order, headers: { 'content-type': '' } }, unsupported],
    [
      'of two types',
      { body: order, headers: { 'content-type': 'application/json, text/plain' } },
      unsupported,
    ],
    [
      'in Latin-1',
      { body: order, headers: { 'content-type': 'application/json; charset=iso-8859-1' } },
      unsupported,
    ],
    [
      'of a hundred thousand lines',
      { body: `{"lines":[${Array(100_000).fill('{}').join()}]}` },
      [422, 'request.invalid'],
    ],
    [
      'of fifty thousand members',
      { body: `{${Array.from({ length: 50_000 }, (_, n) => `"m${n}":0`).join()}}` },
      [422, 'request.invalid'],
    ],
    [
      'with a member __proto__',
      { body: '{"lines":[{"sku":"tea","quantity":1}],"__proto__":{"a":1}}' },
      [422, 'request.invalid'],
    ],
    [
      'with a member constructor',
      { body: '{"lines":[{"sku":"tea","quantity":1}],"constructor":{}}' },
      [422, 'request.invalid'],
    ],
    [
      'with a number of a hundred thousand digits',
      { body: `{"lines":[{"sku":"tea","quantity":${'9'.repeat(100_000)}}]}` },
      [422, 'request.invalid'],
    ],
    ['with NaN', { body: '{"lines":[{"sku":"tea","quantity":NaN}]}' }, unreadable],
    [
      'with 2^53 + 1',
      { body: '{"lines":[{"sku":"tea","quantity":9007199254740993}]}' },
      [422, 'request.invalid'],
    ],
  ])('%s is refused', async (_, sent, refusal) => {
    expect(await send(sent)).toEqual(refusal)
  })
})

describe('a query', () => {
  test.each([
    ['of ten kilobytes of names', Array.from({ length: 2_500 }, (_, n) => `a${n}`).join('&')],
    ['with a broken escape', 'limit=%zz'],
    ['with a name twice', 'limit=1&limit=1'],
    ['with __proto__', '__proto__=1'],
    ['with a list', 'limit[]=1'],
  ])('%s is refused', async (_, query) => {
    expect(await send({ method: 'GET', query })).toEqual([422, 'request.invalid'])
  })
})

describe('an id', () => {
  const ulid = '01KAR3ZJ5T8Q6W2V9X4Y7B1C3D'

  test.each([
    ['of another kind', `upl_${ulid}`],
    ['in lower case', `ord_${ulid.toLowerCase()}`],
    ['a character too long', `ord_${ulid}A`],
    ["of another merchant's key", `ord_${ulid}#ORDER`],
    ['with a NUL', `ord_${ulid}\u0000`],
    ['of a path', '..%2f..%2fproducts'],
    ['of ten kilobytes', 'a'.repeat(10_000)],
    ['__proto__', '__proto__'],
  ])('%s is no id: the request breaks the schema', async (_, id) => {
    expect(await send({ method: 'GET', path: `/orders/${id}` })).toEqual([422, 'request.invalid'])
  })

  test('of the right form that names nothing is not found', async () => {
    expect(await send({ method: 'GET', path: `/orders/ord_${ulid}` })).toEqual([404, 'order.not_found'])
  })
})

describe('a payment', () => {
  test.each<[string, unknown]>([
    ['of nothing less than nothing', { amount: -1, currency: 'EUR' }],
    ['of half a cent', { amount: 0.5, currency: 'EUR' }],
    ['of text', { amount: '250', currency: 'EUR' }],
    ['of 2^53', { amount: 9_007_199_254_740_992, currency: 'EUR' }],
    ['in lower case', { amount: 250, currency: 'eur' }],
    ['in no currency', { amount: 250 }],
  ])('%s is refused', async (_, money) => {
    const body = JSON.stringify({ ...Object(money), reference: 'p' })
    const path = '/orders/ord_01KAR3ZJ5T8Q6W2V9X4Y7B1C3D/payment'
    expect(await send({ path, body })).toEqual([422, 'request.invalid'])
  })
})
