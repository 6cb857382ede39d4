import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { expect, test } from 'vitest'
import { failed, ScriptedFunction, succeeded, throttled } from '../events/scripted-function.ts'
import type { Invocation } from '../lambda/invocation.ts'
import { ManualClock } from '../manual-clock.ts'
import { bodyLimit, HttpApi, type HttpApiAccess } from './http-api.ts'
import type { HttpApiConfig, HttpRouteConfig } from './http-api-config.ts'
import type { HttpApiRequest } from './http-message.ts'

const scenario = (
  answer: () => Invocation | Promise<Invocation> = () => succeeded({ statusCode: 204 }),
  { route = {}, ...config }: { route?: Partial<HttpRouteConfig> } & Partial<HttpApiConfig> = {},
) => {
  const clock = new ManualClock(Date.parse('2026-03-12T19:03:58.390Z'))
  const target = new ScriptedFunction<APIGatewayProxyEventV2>(answer)
  const log: HttpApiAccess[] = []
  const api = new HttpApi(
    {
      apiId: 'api1',
      accountId: '000000000000',
      stage: '$default',
      routes: [{ routeKey: 'ANY /things/{id}', function: target, ...route }],
      ...config,
    },
    { clock, log: (access) => log.push(access) },
  )
  const send = async (request: Partial<HttpApiRequest> = {}) => {
    const { status, headers, body } = await api.handle({
      method: 'GET',
      target: '/things/7',
      headers: [],
      body: new Uint8Array(),
      sourceIp: '127.0.0.1',
      protocol: 'HTTP/1.1',
      ...request,
    })
    return { status, headers: Object.fromEntries(headers), body: Buffer.from(body).toString() }
  }
  return { clock, target, log, send }
}

test('hands a request over in payload format 2.0', async () => {
  const s = scenario()
  await s.send({
    method: 'POST',
    target: '/things/a%20b?x=1&x=2&y=%C3%BC',
    headers: [
      ['Host', '127.0.0.1:8080'],
      ['User-Agent', 'test'],
      ['X-Many', 'one'],
      ['x-many', 'two'],
      ['Cookie', 'a=1; b=2'],
      ['Content-Type', 'application/json'],
      ['Connection', 'keep-alive'],
    ],
    body: Buffer.from('{"n":"ü"}'),
  })
  const traceHeader = s.target.events[0]?.headers['x-amzn-trace-id']
  expect(traceHeader).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/)
  expect(s.target.events).toEqual([
    {
      version: '2.0',
      routeKey: 'ANY /things/{id}',
      rawPath: '/things/a b',
      rawQueryString: 'x=1&x=2&y=%C3%BC',
      cookies: ['a=1', 'b=2'],
      headers: {
        host: '127.0.0.1:8080',
        'user-agent': 'test',
        'x-many': 'one,two',
        'content-type': 'application/json',
        'x-amzn-trace-id': traceHeader,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': '8080',
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { x: '1,2', y: 'ü' },
      pathParameters: { id: 'a b' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'api1',
        domainName: '127.0.0.1:8080',
        domainPrefix: '127',
        http: {
          method: 'POST',
          path: '/things/a b',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        requestId: expect.stringMatching(/^.{16}$/),
        routeKey: 'ANY /things/{id}',
        stage: '$default',
        time: '12/Mar/2026:19:03:58 +0000',
        timeEpoch: s.clock.now(),
      },
      body: '{"n":"ü"}',
      isBase64Encoded: false,
    },
  ])
})

test.each<[string | undefined, boolean]>([
  ['application/json', false],
  ['application/json; charset=utf-8', false],
  ['text/csv', false],
  ['application/xml', false],
  ['application/javascript', false],
  ['application/problem+json', true],
  ['application/x-www-form-urlencoded', true],
  ['application/octet-stream', true],
  [undefined, true],
])('a body of type %s arrives in base64: %s', async (contentType, base64) => {
  const s = scenario()
  await s.send({
    method: 'POST',
    headers: contentType === undefined ? [] : [['content-type', contentType]],
    body: Buffer.from('text'),
  })
  expect(s.target.events[0]).toMatchObject({
    isBase64Encoded: base64,
    body: base64 ? Buffer.from('text').toString('base64') : 'text',
  })
})

test('a compressed body arrives in base64, whatever its type', async () => {
  const s = scenario()
  await s.send({
    method: 'POST',
    headers: [
      ['content-type', 'application/json'],
      ['content-encoding', 'gzip'],
    ],
    body: Uint8Array.of(0x1f, 0x8b),
  })
  expect(s.target.events[0]).toMatchObject({ isBase64Encoded: true, body: 'H4s=' })
})

test('a named stage stands in front of every path and in rawPath', async () => {
  const s = scenario(undefined, { stage: 'dev' })
  expect((await s.send({ target: '/things/7' })).status).toBe(404)
  expect((await s.send({ target: '/dev/things/7' })).status).toBe(204)
  expect(s.target.events[0]).toMatchObject({ rawPath: '/dev/things/7', pathParameters: { id: '7' } })
  expect(s.target.events[0]?.requestContext.stage).toBe('dev')
})

test('goes on with the trace of the client', async () => {
  const s = scenario()
  await s.send({ headers: [['X-Amzn-Trace-Id', 'Root=1-5759e988-bd862e3fe1be46a994272793']] })
  expect(s.target.events[0]?.headers['x-amzn-trace-id']).toBe('Root=1-5759e988-bd862e3fe1be46a994272793')
  expect(s.log[0]).toMatchObject({ traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793', status: 204 })
})

test('sends what the integration answered', async () => {
  const s = scenario(() =>
    succeeded({
      statusCode: 201,
      headers: { 'Content-Type': 'text/csv', 'X-Count': 3, Connection: 'close' },
      cookies: ['a=1'],
      body: Buffer.from('ü,1').toString('base64'),
      isBase64Encoded: true,
    }),
  )
  expect(await s.send()).toEqual({
    status: 201,
    headers: {
      'content-type': 'text/csv',
      'x-count': '3',
      'set-cookie': 'a=1',
      'apigw-requestid': expect.any(String),
    },
    body: 'ü,1',
  })
})

test.each<[string, unknown, number, string, string]>([
  ['an object without statusCode', { ok: true }, 200, 'application/json', '{"ok":true}'],
  ['a text', 'hello', 200, 'application/json', 'hello'],
  ['nothing', null, 200, 'application/json', 'null'],
  ['a body without a type', { statusCode: 200, body: 'plain' }, 200, 'text/plain;charset=utf-8', 'plain'],
  [
    'a status that is no number',
    { statusCode: 'fine' },
    500,
    'application/json',
    '{"message":"Internal Server Error"}',
  ],
  [
    'a body that is an object',
    { statusCode: 200, body: { a: 1 } },
    500,
    'application/json',
    '{"message":"Internal Server Error"}',
  ],
])('an answer that is %s', async (_, payload, status, contentType, body) => {
  const result = await scenario(() => succeeded(payload)).send()
  expect([result.status, result.headers['content-type'], result.body]).toEqual([status, contentType, body])
})

test.each<[string, Invocation, number, string]>([
  ['fails', failed(), 500, '{"message":"Internal Server Error"}'],
  ['is throttled', throttled, 503, '{"message":"Service Unavailable"}'],
])('an integration that %s', async (_, invocation, status, body) => {
  expect(await scenario(() => invocation).send()).toMatchObject({ status, body })
})

test('gives up on an integration after 30 seconds', async () => {
  const never = Promise.withResolvers<Invocation>()
  const s = scenario(() => never.promise)
  const answer = s.send()
  await s.clock.advance(29_999)
  expect(s.log).toEqual([])
  await s.clock.advance(1)
  expect(await answer).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' })
  never.resolve(succeeded())
})

test('takes bodies up to 10 MB, and events up to Lambda’s 6 MB', async () => {
  const s = scenario()
  const post = (length: number) =>
    s.send({ method: 'POST', headers: [['content-type', 'text/plain']], body: Buffer.alloc(length, 'a') })
  const tooLarge = { status: 413, body: '{"message":"Request Entity Too Large"}' }
  expect(await post(bodyLimit + 1)).toMatchObject(tooLarge)
  expect(await post(7 * 1024 * 1024)).toMatchObject(tooLarge)
  expect((await post(5 * 1024 * 1024)).status).toBe(204)
})

test('answers for paths that it cannot route', async () => {
  const s = scenario()
  expect(await s.send({ target: '/other' })).toMatchObject({ status: 404, body: '{"message":"Not Found"}' })
  expect(await s.send({ target: '/things/%' })).toMatchObject({
    status: 400,
    body: '{"message":"Bad Request"}',
  })
  expect(s.log.map(({ status, routeKey }) => [status, routeKey])).toEqual([
    [404, undefined],
    [400, undefined],
  ])
})

test('throttles with a bucket per route that fills again', async () => {
  const s = scenario(undefined, { throttling: { burstLimit: 2, rateLimit: 1 } })
  const statuses = async (count: number) => {
    const found: number[] = []
    for (let i = 0; i < count; i += 1) found.push((await s.send()).status)
    return found
  }
  expect(await statuses(3)).toEqual([204, 204, 429])
  expect((await s.send()).body).toBe('{"message":"Too Many Requests"}')
  await s.clock.advance(1_000)
  expect(await statuses(2)).toEqual([204, 429])
  await s.clock.advance(60_000)
  expect(await statuses(3), 'the bucket holds no more than the burst').toEqual([204, 204, 429])
})

const cors = {
  allowOrigins: ['https://shop.example'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['authorization'],
  exposeHeaders: ['etag'],
  maxAge: 300,
  allowCredentials: true,
}
const preflight = (origin: string): Partial<HttpApiRequest> => ({
  method: 'OPTIONS',
  headers: [
    ['Origin', origin],
    ['Access-Control-Request-Method', 'POST'],
  ],
})

test('answers a preflight itself when no route takes OPTIONS', async () => {
  const s = scenario(undefined, { cors, route: { routeKey: 'POST /things/{id}' } })
  expect(await s.send(preflight('https://shop.example'))).toEqual({
    status: 204,
    headers: {
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '300',
      'apigw-requestid': expect.any(String),
    },
    body: '',
  })
  expect(s.target.events).toEqual([])
})

test('another origin gets no CORS headers', async () => {
  const s = scenario(undefined, { cors, route: { routeKey: 'POST /things/{id}' } })
  const { status, headers } = await s.send(preflight('https://evil.example'))
  expect([status, Object.keys(headers)]).toEqual([204, ['apigw-requestid']])
})

test('a route that takes OPTIONS gets the preflight', async () => {
  const s = scenario(undefined, { cors })
  await s.send(preflight('https://shop.example'))
  expect(s.target.events).toHaveLength(1)
})

test('replaces the CORS headers of the integration, also on errors of its own', async () => {
  const s = scenario(
    () =>
      succeeded({
        statusCode: 200,
        headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Max-Age': '1' },
      }),
    { cors },
  )
  const headers: HttpApiRequest['headers'] = [['origin', 'https://shop.example']]
  const expected = {
    'access-control-allow-origin': 'https://shop.example',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'etag',
  }
  const answer = await s.send({ headers })
  expect(answer.headers).toMatchObject(expected)
  expect(answer.headers).not.toHaveProperty('access-control-max-age')
  expect((await s.send({ headers, target: '/other' })).headers).toMatchObject(expected)
})

test('leaves the integration’s CORS headers alone without a configuration', async () => {
  const s = scenario(() => succeeded({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' } }))
  expect((await s.send()).headers).toMatchObject({ 'access-control-allow-origin': '*' })
})

test('refuses timeouts beyond 30 seconds and tokens outside of the Authorization header', () => {
  expect(() => scenario(undefined, { route: { timeoutMs: 30_001 } })).toThrow('HTTP API: The timeout')
  const authorizer = { issuer: 'x', audience: [], identitySource: ['$request.querystring.token'] }
  expect(() => scenario(undefined, { route: { authorizer } })).toThrow('$request.querystring.token')
})
