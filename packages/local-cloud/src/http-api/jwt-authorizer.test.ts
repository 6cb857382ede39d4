import { createHmac } from 'node:crypto'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { JwtAuthorizer } from './jwt-authorizer.ts'

const issuer = 'https://issuer.example'
const makeKey = async (kid: string) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { kid, publicKey, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } }
}
type Key = Awaited<ReturnType<typeof makeKey>>
const [first, second] = await Promise.all([makeKey('first'), makeKey('second')])

const scenario = () => {
  const clock = new ManualClock()
  const published: JWK[] = [first.jwk]
  const asked: string[] = []
  const authorizer = new JwtAuthorizer({ issuer, audience: ['api'] }, clock, async (url) => {
    asked.push(url)
    return url.endsWith('/.well-known/openid-configuration')
      ? { jwks_uri: `${issuer}/keys` }
      : { keys: [...published] }
  })
  const seconds = () => Math.floor(clock.now() / 1_000)
  const verdict = async (claims: Record<string, unknown> = {}, key: Key = first, scheme = '') => {
    const token = await new SignJWT({ iss: issuer, aud: 'api', exp: seconds() + 60, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .sign(key.privateKey)
    return (await authorizer.authorize(scheme + token, [])).verdict
  }
  return { clock, published, asked, seconds, verdict, authorizer }
}

test('takes a token with or without the word Bearer in front of it', async () => {
  for (const scheme of ['', 'Bearer ', 'bearer ']) {
    expect(await scenario().verdict({}, first, scheme)).toBe('authorized')
  }
  expect(await scenario().verdict({}, first, 'Basic ')).toBe('unauthorized')
})

test.each<[string, (now: number) => Record<string, unknown>]>([
  ['another issuer', () => ({ iss: 'https://other.example' })],
  ['an issue time in the future', (now) => ({ iat: now + 60 })],
  ['no expiry', () => ({ exp: undefined })],
  ['an expiry that is over', (now) => ({ exp: now - 1 })],
  ['a time before which it does not count', (now) => ({ nbf: now + 60 })],
  ['no audience and no client', () => ({ aud: undefined })],
  ['an audience that is none of the list', () => ({ aud: ['x', 'y'] })],
])('refuses a good signature with %s', async (_, claims) => {
  const s = scenario()
  expect(await s.verdict(claims(s.seconds()))).toBe('unauthorized')
})

test('one audience of several is enough', async () => {
  expect(await scenario().verdict({ aud: ['x', 'api'] })).toBe('authorized')
})

test('keeps the keys for two hours', async () => {
  const s = scenario()
  await s.verdict()
  await s.clock.advance(7_199_000)
  await s.verdict()
  expect(s.asked).toEqual([`${issuer}/.well-known/openid-configuration`, `${issuer}/keys`])
  await s.clock.advance(1_000)
  await s.verdict()
  expect(s.asked).toHaveLength(4)
})

test('asks for the keys again when a token names one that it does not have', async () => {
  const s = scenario()
  await s.verdict()
  s.published.push(second.jwk)
  expect(await s.verdict({}, second)).toBe('authorized')
})

test('a key that the issuer does not publish is refused', async () => {
  expect(await scenario().verdict({}, second)).toBe('unauthorized')
})

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test.each<[string, (claims: string) => Promise<string>]>([
  ['without a signature', async (claims) => `${encoded({ alg: 'none' })}.${claims}.`],
  [
    'whose algorithm is written NoNe',
    async (claims) => `${encoded({ alg: 'NoNe', kid: 'first' })}.${claims}.AA`,
  ],
  [
    'signed with the public key as a shared secret',
    async (claims) => {
      const signed = `${encoded({ alg: 'HS256', kid: 'first' })}.${claims}`
      const mac = createHmac('sha256', await exportSPKI(first.publicKey)).update(signed)
      return `${signed}.${mac.digest('base64url')}`
    },
  ],
  [
    'that brings its own key',
    async (claims) => {
      const payload = JSON.parse(Buffer.from(claims, 'base64url').toString())
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: 'first', jwk: second.jwk, jku: 'https://evil.example/keys' })
        .sign(second.privateKey)
    },
  ],
  [
    'whose key is a path',
    async (claims) => {
      const payload = JSON.parse(Buffer.from(claims, 'base64url').toString())
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: '../../../../dev/null' })
        .sign(second.privateKey)
    },
  ],
  ['of two parts', async (claims) => `${encoded({ alg: 'RS256' })}.${claims}`],
  ['whose header is no JSON', async (claims) => `AAAA.${claims}.AA`],
])('a token %s is refused, and nothing but the issuer is asked for keys', async (_, forge) => {
  const s = scenario()
  const claims = encoded({ iss: issuer, aud: 'api', exp: s.seconds() + 60, scope: 'orders:read' })
  const { verdict } = await s.authorizer.authorize(`Bearer ${await forge(claims)}`, ['orders:read'])
  expect(verdict).toBe('unauthorized')
  expect(s.asked.filter((url) => !url.startsWith(`${issuer}/`))).toEqual([])
})

test('an ID token has no scope, so a route that asks for one refuses it', async () => {
  const s = scenario()
  const token = await new SignJWT({ iss: issuer, aud: 'api', exp: s.seconds() + 60, token_use: 'id' })
    .setProtectedHeader({ alg: 'RS256', kid: 'first' })
    .sign(first.privateKey)
  expect((await s.authorizer.authorize(token, ['orders:read'])).verdict).toBe('forbidden')
})
