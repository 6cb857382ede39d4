import { once } from 'node:events'
import { Agent, get as httpGet, type IncomingMessage } from 'node:http'
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda'
import { generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ScriptedFunction, succeeded } from '../events/scripted-function.ts'
import { ManualClock } from '../manual-clock.ts'
import { startTokenIssuer, type TokenIssuer, type TokenRequest } from '../token-issuer/token-issuer.ts'
import { HttpApi } from './http-api.ts'
import { type HttpApiListener, listenHttpApi } from './http-api-listener.ts'

const clock = new ManualClock(Date.parse('2026-01-01T12:00:00Z'))
const target = new ScriptedFunction<APIGatewayProxyEventV2WithJWTAuthorizer>((event) =>
  succeeded({
    statusCode: 200,
    body: `${event.rawPath} ${event.body?.length ?? 0}`,
    cookies: ['a=1', 'b=2'],
  }),
)
let issuer: TokenIssuer
let listener: HttpApiListener
beforeAll(async () => {
  issuer = await startTokenIssuer({ clock })
  const authorizer = { issuer: issuer.issuer, audience: ['api'] }
  const api = new HttpApi(
    {
      apiId: 'api1',
      accountId: '000000000000',
      stage: '$default',
      routes: [
        { routeKey: 'ANY /open/{proxy+}', function: target },
        { routeKey: 'GET /any-token', function: target, authorizer },
        { routeKey: 'GET /scoped', function: target, authorizer, scopes: ['read', 'admin'] },
        {
          routeKey: 'GET /unreachable',
          function: target,
          authorizer: { issuer: 'http://127.0.0.1:9', audience: ['api'] },
        },
      ],
    },
    { clock },
  )
  listener = await listenHttpApi(api)
})
afterAll(async () => {
  await listener.close()
  await issuer.close()
})

const get = async (path: string, token?: string) => {
  const response = await fetch(`${listener.origin}${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  return {
    status: response.status,
    body: await response.text(),
    challenge: response.headers.get('www-authenticate'),
  }
}
const token = (request: TokenRequest = {}) => issuer.issueToken({ audience: 'api', ...request })

test('serves over a socket', async () => {
  const response = await fetch(`${listener.origin}/open/a%20b`, { method: 'POST', body: 'four' })
  expect(await response.text()).toBe('/open/a b 4')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
})

test('answers 413 over a socket without reading everything', async () => {
  const response = await fetch(`${listener.origin}/open/x`, {
    method: 'POST',
    body: Buffer.alloc(10 * 1024 * 1024 + 1),
  })
  expect([response.status, await response.text()]).toEqual([413, '{"message":"Request Entity Too Large"}'])
})

test('answers 431 when the headers exceed 10 kB', async () => {
  const response = await fetch(`${listener.origin}/open/x`, { headers: { 'x-long': 'a'.repeat(11_000) } })
  expect(response.status).toBe(431)
})

test('a token of the issuer opens the route, and the function sees its claims as text', async () => {
  const claims = { sub: 'u1', groups: ['a', 'b'], level: 3, admin: true, nested: { x: 1 } }
  expect((await get('/any-token', await token({ claims }))).status).toBe(200)
  expect(target.events.at(-1)?.requestContext.authorizer.jwt).toEqual({
    claims: {
      iss: issuer.issuer,
      aud: 'api',
      sub: 'u1',
      groups: '[a b]',
      level: '3',
      admin: 'true',
      nested: 'map[x:1]',
      iat: '1767268800',
      exp: '1767272400',
      jti: expect.any(String),
    },
    scopes: null,
  })
})

test('one of the route’s scopes is enough', async () => {
  expect((await get('/scoped', await token({ scopes: ['other', 'read'] }))).status).toBe(200)
  expect(target.events.at(-1)?.requestContext.authorizer.jwt.scopes).toEqual(['other', 'read'])
  expect((await get('/scoped', await token({ claims: { scp: ['admin'] } }))).status).toBe(200)
})

test('a token without a scope of the route is forbidden', async () => {
  expect(await get('/scoped', await token({ scopes: ['write'] }))).toMatchObject({
    status: 403,
    body: '{"message":"Forbidden"}',
    challenge: expect.stringContaining('Bearer scope="read admin" error="insufficient_scope"'),
  })
})

test('client_id counts only when there is no audience', async () => {
  expect((await get('/any-token', await issuer.issueToken({ claims: { client_id: 'api' } }))).status).toBe(
    200,
  )
  const other = await issuer.issueToken({ audience: 'other', claims: { client_id: 'api' } })
  expect((await get('/any-token', other)).status).toBe(401)
})

test('no token is challenged without an error', async () => {
  expect(await get('/any-token')).toEqual({
    status: 401,
    body: '{"message":"Unauthorized"}',
    challenge: 'Bearer',
  })
})

const seconds = () => Math.floor(clock.now() / 1_000)
const forged = async (alg: string, claims: object = {}) => {
  const { privateKey } = await generateKeyPair(alg)
  return new SignJWT({ iss: issuer.issuer, aud: 'api', exp: seconds() + 60, ...claims })
    .setProtectedHeader({ alg })
    .sign(privateKey)
}
test.each<[string, () => Promise<string>, string]>([
  ['another audience', () => token({ audience: 'other' }), 'the token does not have a valid audience'],
  ['no audience', () => issuer.issueToken({}), 'the token does not have a valid audience'],
  ['an expiry in the past', () => token({ expiresInSeconds: -1 }), 'the token has expired'],
  ['a begin in the future', () => token({ claims: { nbf: seconds() + 60 } }), 'nbf'],
  ['a signature of another key', () => forged('RS256'), 'signature verification failed'],
  ['an algorithm that is not RSA', () => forged('ES256'), 'signing method ES256 is invalid'],
  ['two segments', async () => 'a.b', 'token contains an invalid number of segments'],
  ['no JSON in it', async () => 'a.b.c', 'Invalid'],
])('a token with %s is refused', async (_, makeToken, description) => {
  const { status, body, challenge } = await get('/any-token', await makeToken())
  expect([status, body]).toEqual([401, '{"message":"Unauthorized"}'])
  expect(challenge).toContain('Bearer scope="" error="invalid_token" error_description="')
  expect(challenge).toContain(description)
})

test('an issuer that cannot be reached is said so', async () => {
  expect((await get('/unreachable', await token())).challenge).toContain(
    'OIDC discovery endpoint communication error',
  )
})

test('closes when its last request is answered, although the client would ask on over the same connection', async () => {
  const answered = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const slow = new ScriptedFunction(async () => {
    asked.resolve()
    await answered.promise
    return succeeded({ statusCode: 200 })
  })
  const routes = [{ routeKey: 'GET /slow', function: slow }]
  const api = new HttpApi({ apiId: 'api2', accountId: '000000000000', stage: '$default', routes }, { clock })
  const busy = await listenHttpApi(api)
  const agent = new Agent({ keepAlive: true })
  const request = httpGet({
    agent,
    port: Number(new URL(busy.origin).port),
    host: '127.0.0.1',
    path: '/slow',
  })
  await asked.promise
  const closed = busy.close()
  answered.resolve()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  await closed
  agent.destroy()
})
