import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toRequest, toResult } from './fetch-adapter.ts'
import { useLightFetch } from './light-fetch.ts'

/** An event as API Gateway sends it; `body` as text unless it says base64. */
const anEvent = (over: Partial<APIGatewayProxyEventV2WithJWTAuthorizer> & { method?: string } = {}) => {
  const { method = 'GET', ...rest } = over
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: {},
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      authorizer: { principalId: '', integrationLatency: 0, jwt: { claims: {}, scopes: [] } },
      domainName: 'api.example',
      domainPrefix: 'api',
      http: { method, path: '/', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    ...rest,
  }
}

/** Says what it was asked. */
const echo = new Hono().all('*', async (c) => {
  const body = Buffer.from(await c.req.raw.bytes()).toString('hex')
  const query = [...new URL(c.req.url).searchParams]
  return new Response(
    JSON.stringify({
      method: c.req.method,
      path: c.req.path,
      query,
      cookie: c.req.header('Cookie'),
      trace: c.req.header('traceparent'),
      body,
    }),
    { status: 207, headers: { 'Content-Type': 'application/json', 'set-cookie': 'a=1' } },
  )
})
const ask = async (event: APIGatewayProxyEventV2WithJWTAuthorizer) => {
  const result = await toResult(await echo.fetch(toRequest(event)))
  return { ...result, said: JSON.parse(result.body ?? '') }
}

const node = { Headers, Request, Response }

describe.each([
  ["Node's", () => undefined],
  ['the light', useLightFetch],
])('with %s Request and Response', (_, use) => {
  beforeAll(use)
  afterAll(() => void Object.assign(globalThis, node))

  test('method, path, headers and body arrive', async () => {
    const { said } = await ask(
      anEvent({ method: 'POST', rawPath: '/orders', headers: { traceparent: '00-1' }, body: 'é' }),
    )
    expect(said).toMatchObject({ method: 'POST', path: '/orders', trace: '00-1', body: 'c3a9' })
  })

  test('a body in base64 arrives as its bytes', async () => {
    const { said } = await ask(anEvent({ method: 'POST', body: '/wA=', isBase64Encoded: true }))
    expect(said.body).toBe('ff00')
  })

  test('no body is an empty one', async () => {
    expect((await ask(anEvent({ method: 'POST' }))).said.body).toBe('')
  })

  test('a parameter given twice arrives twice, and a comma stays in its value', async () => {
    const { said } = await ask(anEvent({ rawQueryString: 'a=1&a=2&b=x%2Cy&c=%20' }))
    expect(said.query).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['b', 'x,y'],
      ['c', ' '],
    ])
  })

  test('a path that API Gateway decoded keeps what would end it', async () => {
    expect((await ask(anEvent({ rawPath: '/products/a?b#c d', rawQueryString: 'x=1' }))).said).toMatchObject({
      path: expect.stringMatching(/^\/products\/a(\?|%3F)b(#|%23)c d$/),
      query: [['x', '1']],
    })
  })

  test('cookies arrive as one header and leave as their own member', async () => {
    const { said, cookies, headers } = await ask(anEvent({ cookies: ['a=1', 'b=2'] }))
    expect(said.cookie).toBe('a=1; b=2')
    expect(cookies).toEqual(['a=1'])
    expect(headers).not.toHaveProperty('set-cookie')
  })

  test('status and headers leave, by their names in lower case', async () => {
    expect(await ask(anEvent())).toMatchObject({
      statusCode: 207,
      headers: { 'content-type': 'application/json' },
    })
  })

  test('a HEAD request has no body in its answer', async () => {
    const result = await toResult(await echo.fetch(toRequest(anEvent({ method: 'HEAD' }))))
    expect([result.statusCode, result.body]).toEqual([207, ''])
  })
})
