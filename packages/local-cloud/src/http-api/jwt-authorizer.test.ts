import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { JwtAuthorizer } from './jwt-authorizer.ts'

const issuer = 'https://issuer.example'
const makeKey = async (kid: string) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } }
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
  return { clock, published, asked, seconds, verdict }
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
