import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'

/** A machine that gets tokens by the client-credentials grant. */
export interface TokenClient {
  readonly clientId: string
  readonly clientSecret: string
  /** What it may ask for; all of them when it asks for none. */
  readonly scopes: readonly string[]
  /** Claims that its tokens carry besides the standard ones. */
  readonly claims?: Readonly<Record<string, unknown>>
}

export interface TokenIssuerOptions {
  readonly clock: Clock
  readonly clients?: readonly TokenClient[]
  /** `aud` of every token that names no other. Default: none; verifiers then look at `client_id`. */
  readonly audience?: string
  /** `iss` and the base of the documents' URLs. Default: the origin that is listened on. */
  readonly issuer?: string
  /** Default: a free one. */
  readonly port?: number
}

export interface TokenRequest {
  /** Any claims; standard ones that this module sets (`iss`, `iat`, `exp`, `jti`) win. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly scopes?: readonly string[]
  /** Default 3,600. */
  readonly expiresInSeconds?: number
  readonly audience?: string
}

/** A local OpenID Connect issuer: discovery, keys and the client-credentials grant on a loopback port. */
export interface TokenIssuer {
  readonly issuer: string
  readonly origin: string
  /** A signed JWT (RS256). */
  issueToken(request: TokenRequest): Promise<string>
  close(): Promise<void>
}

/** The error codes of RFC 6749, section 5.2. */
type TokenErrorCode = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope'
class TokenError extends Error {
  readonly code: TokenErrorCode

  constructor(code: TokenErrorCode) {
    super(code)
    this.code = code
  }
}

const defaultLifetimeSeconds = 3_600
const formLimit = 64 * 1024

/** Starts an issuer with a key of its own that lives as long as it does. */
export const startTokenIssuer = async (options: TokenIssuerOptions): Promise<TokenIssuer> => {
  const { clock, clients = [] } = options
  const keyPair = generateKeyPair('RS256')
  const kid = randomUUID()

  const issueToken = async (request: TokenRequest): Promise<string> => {
    const { claims, scopes = [], audience = options.audience } = request
    const now = Math.floor(clock.now() / 1_000)
    const jwt = new SignJWT({ ...claims, ...(scopes.length > 0 && { scope: scopes.join(' ') }) })
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setIssuedAt(now)
      .setExpirationTime(now + (request.expiresInSeconds ?? defaultLifetimeSeconds))
      .setJti(randomUUID())
    if (audience !== undefined) jwt.setAudience(audience)
    return jwt.sign((await keyPair).privateKey)
  }

  const grant = async (request: IncomingMessage): Promise<object> => {
    const form = new URLSearchParams(await readText(request))
    if (form.get('grant_type') === null) throw new TokenError('invalid_request')
    if (form.get('grant_type') !== 'client_credentials') throw new TokenError('unsupported_grant_type')
    const client = authenticate(clients, request.headers.authorization, form)
    const asked =
      form
        .get('scope')
        ?.split(' ')
        .filter((scope) => scope !== '') ?? []
    if (!asked.every((scope) => client.scopes.includes(scope))) throw new TokenError('invalid_scope')
    const scopes = asked.length > 0 ? asked : client.scopes
    const token = await issueToken({
      claims: { sub: client.clientId, client_id: client.clientId, token_use: 'access', ...client.claims },
      scopes,
    })
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: defaultLifetimeSeconds,
      scope: scopes.join(' '),
    }
  }

  const answer = async (request: IncomingMessage): Promise<{ status: number; body: object }> => {
    const path = request.url?.split('?')[0]
    if (request.method === 'GET' && path === '/.well-known/openid-configuration') {
      return { status: 200, body: discovery(issuer, origin) }
    }
    if (request.method === 'GET' && path === '/.well-known/jwks.json') {
      const key = await exportJWK((await keyPair).publicKey)
      return { status: 200, body: { keys: [{ ...key, kid, alg: 'RS256', use: 'sig' }] } }
    }
    if (request.method === 'POST' && path === '/oauth2/token') {
      try {
        return { status: 200, body: await grant(request) }
      } catch (error) {
        if (!(error instanceof TokenError)) throw error
        return { status: error.code === 'invalid_client' ? 401 : 400, body: { error: error.code } }
      }
    }
    return { status: 404, body: { error: 'not_found' } }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        response.end(JSON.stringify(body))
      },
      // The client went away while it was sending.
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = options.issuer ?? origin

  return {
    issuer,
    origin,
    issueToken,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const discovery = (issuer: string, origin: string): object => ({
  issuer,
  jwks_uri: `${origin}/.well-known/jwks.json`,
  token_endpoint: `${origin}/oauth2/token`,
  grant_types_supported: ['client_credentials'],
  response_types_supported: ['token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
})

/** By HTTP Basic, or by `client_id` and `client_secret` in the form. Throws `invalid_client`. */
const authenticate = (
  clients: readonly TokenClient[],
  authorization: string | undefined,
  form: URLSearchParams,
): TokenClient => {
  const [, basic] = /^Basic (.+)$/i.exec(authorization ?? '') ?? []
  const [, id = '', secret = ''] =
    basic === undefined
      ? ['', form.get('client_id') ?? '', form.get('client_secret') ?? '']
      : (/^([^:]*):(.*)$/.exec(Buffer.from(basic, 'base64').toString())?.map(decodeURIComponent) ?? [])
  const client = clients.find(({ clientId }) => clientId === id)
  if (!client || !equal(client.clientSecret, secret)) throw new TokenError('invalid_client')
  return client
}

const equal = (a: string, b: string): boolean => {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return left !== undefined && right !== undefined && timingSafeEqual(left, right)
}

const readText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > formLimit) throw new TokenError('invalid_request')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}
