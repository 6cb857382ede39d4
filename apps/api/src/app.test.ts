import { Busy } from '@stockroom/domain/busy'
import type { KeyedRequest } from '@stockroom/domain/idempotency/keyed-request'
import type { RateLimiter } from '@stockroom/domain/rate-limit/rate-limiter'
import { refused } from '@stockroom/domain/refusal'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { type Invocation, makeApp } from './app.ts'
import { pageQuery } from './page-query.ts'
import { ProblemDetails } from './problem.ts'
import { keyedRoute, publicRoute, route } from './route.ts'
import { unlimited } from './unlimited.ts'

/** A small API of each kind of route: letters are listed, read and posted. */
interface Letters {
  post(request: KeyedRequest, text: string): Promise<string>
}

const postLetter = keyedRoute({
  method: 'POST',
  path: '/letters',
  operationId: 'postLetter',
  summary: '',
  scope: 'orders:write',
  input: { body: z.strictObject({ text: z.string().check(z.minLength(1)) }) },
  answers: { 201: { description: '', schema: z.object({ id: z.string() }) } },
  problems: ['order.insufficient_stock'],
}).handle(async ({ input, keyed }, letters: Letters) => {
  if (input.body.text === 'refused')
    return refused('order.insufficient_stock', 'Only 2 of A-1 are left.', [
      { pointer: '#/text', detail: 'A-1' },
    ])
  const id = await letters.post(keyed, input.body.text)
  return { status: 201, body: { id }, headers: { location: `/letters/${id}` } }
})

const listLetters = route({
  method: 'GET',
  path: '/letters',
  operationId: 'listLetters',
  summary: '',
  scope: 'orders:read',
  input: { query: z.strictObject(pageQuery) },
  answers: { 200: { description: '', schema: z.object({ limit: z.number(), merchant: z.string() }) } },
  problems: [],
}).handle(async ({ input, caller }) => ({
  status: 200,
  body: { limit: input.query.limit, merchant: caller.merchant },
}))

const getLetter = publicRoute({
  method: 'GET',
  path: '/letters/{id}',
  operationId: 'getLetter',
  summary: '',
  input: { params: z.strictObject({ id: z.string().check(z.maxLength(20)) }) },
  answers: { 200: { description: '', schema: z.object({ id: z.string() }) }, 204: { description: '' } },
  problems: [],
}).handle(async ({ input }) =>
  input.params.id === 'empty' ? { status: 204 } : { status: 200, body: { id: input.params.id } },
)

const claims = { merchant_id: 'acme', client_id: 'client-1', scope: 'orders:read orders:write' }
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** The API with its letters, and how to call it. */
const api = (post: Letters['post'] = async (_request, text) => text, limiter: RateLimiter = unlimited) => {
  const failures: unknown[] = []
  const app = makeApp(
    [postLetter, listLetters, getLetter],
    { post },
    { limiter, onFailure: (e) => failures.push(e) },
  )
  const call = (method: string, path: string, init: RequestInit = {}, over: Partial<Invocation> = {}) =>
    app.request(
      path,
      { method, ...init },
      {
        routeKey: `${method} ${path}`,
        claims,
        cause: { correlationId: 'c-1', traceparent },
        ...over,
      },
    )
  const send = (body: string, headers: Record<string, string> = {}, over: Partial<Invocation> = {}) =>
    call(
      'POST',
      '/letters',
      { body, headers: { 'content-type': 'application/json', 'idempotency-key': 'k-1', ...headers } },
      over,
    )
  return { call, send, failures, routes: app.routes }
}

const problemIn = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const details = ProblemDetails.parse(await response.json())
  expect(details.status).toBe(response.status)
  return details
}

describe('an answer', () => {
  test('has the status, body and headers that the route gave', async () => {
    const response = await api().send('{"text":"hello"}')
    expect([response.status, await response.json()]).toEqual([201, { id: 'hello' }])
    expect(response.headers.get('location')).toBe('/letters/hello')
    expect(response.headers.get('content-type')).toBe('application/json')
  })

  test('is never stored or sniffed, and names its trace', async () => {
    for (const response of [await api().call('GET', '/letters/a'), await api().call('GET', '/nowhere')])
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-correlation-id': 'c-1',
        traceparent,
      })
  })

  test('may have no body', async () => {
    const response = await api().call('GET', '/letters/empty')
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([
      204,
      '',
      null,
    ])
  })

  test('of a path parameter is decoded once', async () => {
    expect(await (await api().call('GET', '/letters/a%20b%252F')).json()).toEqual({ id: 'a b%2F' })
  })
})

describe('a keyed request', () => {
  test('is known by merchant, client, route, key and fingerprint', async () => {
    const seen: KeyedRequest[] = []
    const { send } = api(async (request, text) => {
      seen.push(request)
      return text
    })
    await send('{"text":"a"}')
    await send(' { "text" : "a" } ', { 'idempotency-key': '"k-1"' })
    expect(seen[0]).toEqual({
      merchant: 'acme',
      principal: 'client-1',
      route: 'POST /letters',
      key: 'k-1',
      fingerprint: expect.stringMatching(/^[\da-f]{64}$/),
    })
    expect(seen[1]).toEqual(seen[0])
  })
})

describe('the rate of a merchant', () => {
  const asked: string[] = []
  const limiter: RateLimiter = async (merchant) => {
    asked.push(merchant)
    return { outcome: 'refused', retryAfterSeconds: 2 }
  }

  test.each([
    ['GET', '/letters', {}],
    ['POST', '/letters', { body: '{' }],
  ])('when it is used up, %s %s is refused before anything else is looked at', async (method, path, init) => {
    const { call } = api(() => Promise.reject(new Error('the handler ran')), limiter)
    const response = await call(method, path, init)
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2'])
    expect(await problemIn(response)).toMatchObject({ code: 'caller.rate_limited' })
    expect(asked.splice(0)).toEqual(['acme'])
  })

  test('is not touched by who has no token, no scope, or asks for what is public', async () => {
    const { call, send } = api(undefined, limiter)
    expect((await send('{}', {}, { claims: undefined })).status).toBe(401)
    expect((await send('{}', {}, { claims: { ...claims, scope: '' } })).status).toBe(403)
    expect((await call('GET', '/letters/a')).status).toBe(200)
    expect(asked).toEqual([])
  })
})

describe('a query', () => {
  test('is converted and given its defaults', async () => {
    expect(await (await api().call('GET', '/letters?limit=7')).json()).toEqual({ limit: 7, merchant: 'acme' })
    expect(await (await api().call('GET', '/letters')).json()).toEqual({ limit: 50, merchant: 'acme' })
  })

  test.each([
    ['limit=0', 'query/limit'],
    ['limit=101', 'query/limit'],
    ['limit=1.5', 'query/limit'],
    ['limit=x', 'query/limit'],
    ['limit=1&limit=2', 'query/limit'],
    ['merchant=other', 'query/merchant'],
    ['__proto__=1', 'query/__proto__'],
  ])('%s is refused', async (query, pointer) => {
    const response = await api().call('GET', `/letters?${query}`)
    expect(response.status).toBe(422)
    expect(await problemIn(response)).toMatchObject({ code: 'request.invalid', errors: [{ pointer }] })
  })

  test('is refused where a route takes none', async () => {
    expect(await problemIn(await api().call('GET', '/letters/a?verbose=1'))).toMatchObject({
      code: 'request.invalid',
      errors: [{ pointer: 'query/verbose', detail: 'verbose is not known here.' }],
    })
  })
})

describe('a problem', () => {
  test('says what a refusal says', async () => {
    const response = await api().send('{"text":"refused"}')
    expect(response.status).toBe(409)
    expect(await problemIn(response)).toEqual({
      type: 'https://stockroom.example/problems/order.insufficient_stock',
      title: 'Not enough stock',
      status: 409,
      detail: 'Only 2 of A-1 are left.',
      code: 'order.insufficient_stock',
      correlationId: 'c-1',
      errors: [{ pointer: '#/text', detail: 'A-1' }],
    })
  })

  test.each([
    ['unreadable JSON', '{', {}, 400, 'request.unreadable'],
    ['an empty key', '{}', { 'idempotency-key': '' }, 400, 'idempotency.key_invalid'],
    ['a key sent twice', '{}', { 'idempotency-key': 'a, b' }, 400, 'idempotency.key_invalid'],
    ['another media type', '{}', { 'content-type': 'text/plain' }, 415, 'request.unsupported_media_type'],
    ['a body over 1 MiB', `"${'a'.repeat(1_048_576)}"`, { 'content-length': '1' }, 413, 'request.too_large'],
    ['a member too many', '{"text":"a","merchant":"other"}', {}, 422, 'request.invalid'],
    ['a member too few', '{}', {}, 422, 'request.invalid'],
  ])('answers %s', async (_, body, headers, status, code) => {
    const response = await api().send(body, headers)
    expect(response.status).toBe(status)
    expect((await problemIn(response)).code).toBe(code)
  })

  test('answers a missing key before the body is looked at', async () => {
    const response = await api().call('POST', '/letters', { body: '{' })
    expect((await problemIn(response)).code).toBe('idempotency.key_missing')
  })

  test('answers a request that came past the authorizer without claims', async () => {
    const response = await api().send('{', {}, { claims: undefined })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect((await problemIn(response)).code).toBe('caller.unauthenticated')
  })

  test('answers a token without the scope', async () => {
    const response = await api().send('{}', {}, { claims: { ...claims, scope: 'orders:read' } })
    expect(response.status).toBe(403)
    expect((await problemIn(response)).detail).toContain('orders:write')
  })

  test.each(['/nowhere', '/letters/a/b', '/LETTERS', '/letters/', '/'])(
    'answers the unknown path %s',
    async (path) => {
      const response = await api().call('GET', path, {}, { routeKey: '$default' })
      expect(response.status).toBe(404)
      expect((await problemIn(response)).code).toBe('route.not_found')
    },
  )

  test.each([
    ['DELETE', '/letters', 'GET, POST'],
    ['OPTIONS', '/letters', 'GET, POST'],
    ['POST', '/letters/a', 'GET'],
  ])('answers %s %s with the methods that the path takes', async (method, path, allow) => {
    const response = await api().call(method, path, {}, { routeKey: '$default' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect((await problemIn(response)).code).toBe('route.method_not_allowed')
  })

  test('answers a known route that API Gateway does not know: no authorizer was asked', async () => {
    const { send } = api(() => Promise.reject(new Error('the handler ran')))
    expect((await send('{"text":"a"}', {}, { routeKey: '$default' })).status).toBe(404)
  })

  test('answers a store that is busy, with when to come again', async () => {
    const { send, failures } = api(() => Promise.reject(new Busy('Table shop', 2)))
    const response = await send('{"text":"a"}')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    expect(JSON.stringify(await problemIn(response))).not.toContain('shop')
    expect(failures).toEqual([])
  })

  test.each([
    Object.assign(new Error('5000 ms'), { name: 'TimeoutError' }),
    Object.assign(new Error('Request aborted'), { name: 'AbortError' }),
    Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' }),
  ])('answers a store that gave no answer: it may have happened, ask again (%s)', async (failure) => {
    const { send, failures } = api(() => Promise.reject(failure))
    const response = await send('{"text":"a"}')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    const problem = await problemIn(response)
    expect(problem.code).toBe('server.unanswered')
    expect(problem.detail).toContain('may have happened')
    expect(JSON.stringify(problem)).not.toContain(failure.message)
    expect(failures).toEqual([failure])
  })

  test('answers a failure without a word of it, and reports it', async () => {
    const failure = new Error('arn:aws:dynamodb:eu-west-1:1:table/shop at db.ts:7')
    const { send, failures } = api(() => Promise.reject(failure))
    const response = await send('{"text":"a"}')
    expect(response.status).toBe(500)
    const text = JSON.stringify(await problemIn(response))
    expect(text).toContain('c-1')
    expect(text).not.toMatch(/arn|table|db\.ts|at /)
    expect(failures).toEqual([failure])
  })
})
