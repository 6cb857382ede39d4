import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts'

let issuer: TokenIssuer
beforeAll(async () => {
  issuer = await startTokenIssuer({
    clock: systemClock,
    clients: [
      {
        clientId: 'machine',
        clientSecret: 'se:cret',
        scopes: ['read', 'write'],
        claims: { tenant: 'acme' },
      },
    ],
  })
})
afterAll(() => issuer.close())

const verify = async (token: string) => {
  const discovery = await fetch(`${issuer.issuer}/.well-known/openid-configuration`)
  const { jwks_uri } = (await discovery.json()) as { jwks_uri: string }
  return jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), { issuer: issuer.issuer })
}
const askToken = async (form: Record<string, string>, authorization?: string) => {
  const response = await fetch(`${issuer.origin}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: authorization === undefined ? {} : { authorization },
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

test('a token issued in process verifies with the published key', async () => {
  const token = await issuer.issueToken({
    claims: { tenant: 'acme', sub: 'user-1' },
    scopes: ['read', 'write'],
    expiresInSeconds: 60,
    audience: 'api',
  })
  const { payload, protectedHeader } = await verify(token)
  expect(protectedHeader.alg).toBe('RS256')
  expect(payload).toMatchObject({ tenant: 'acme', sub: 'user-1', scope: 'read write', aud: 'api' })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
})

test('a client gets a token with its own claims by HTTP Basic', async () => {
  const authorization = `Basic ${Buffer.from(`machine:${encodeURIComponent('se:cret')}`).toString('base64')}`
  const { status, body } = await askToken({ grant_type: 'client_credentials', scope: 'read' }, authorization)
  expect(status).toBe(200)
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3_600, scope: 'read' })
  const { payload } = await verify(body.access_token ?? '')
  expect(payload).toMatchObject({ sub: 'machine', client_id: 'machine', tenant: 'acme', scope: 'read' })
  expect(payload.aud).toBeUndefined()
})

test('a client that asks for no scope gets all of its own', async () => {
  const { body } = await askToken({
    grant_type: 'client_credentials',
    client_id: 'machine',
    client_secret: 'se:cret',
  })
  expect(body.scope).toBe('read write')
})

const credentials = { client_id: 'machine', client_secret: 'se:cret' }
test.each<[string, Record<string, string>, number, string]>([
  [
    'another secret',
    { grant_type: 'client_credentials', client_id: 'machine', client_secret: 'x' },
    401,
    'invalid_client',
  ],
  ['no credentials', { grant_type: 'client_credentials' }, 401, 'invalid_client'],
  [
    'another scope',
    { grant_type: 'client_credentials', scope: 'admin', ...credentials },
    400,
    'invalid_scope',
  ],
  ['another grant', { grant_type: 'password', ...credentials }, 400, 'unsupported_grant_type'],
  ['no grant', credentials, 400, 'invalid_request'],
])('refuses %s', async (_, form, status, error) => {
  expect(await askToken(form)).toEqual({ status, body: { error } })
})

test('knows no other path', async () => {
  expect((await fetch(`${issuer.origin}/oauth2/authorize`)).status).toBe(404)
})
