import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose'
import type { Clock } from '../clock.ts'
import { HttpApiError, type JwtAuthorizerConfig } from './http-api-config.ts'

/** What the authorizer tells the integration: every claim as text. */
export interface JwtAuthorization {
  readonly claims: Readonly<Record<string, string>>
  /** The token's scopes; null on a route without scopes. */
  readonly scopes: readonly string[] | null
}

export type JwtDecision =
  | { readonly verdict: 'authorized'; readonly authorization: JwtAuthorization }
  /** `challenge` is the value of WWW-Authenticate. */
  | { readonly verdict: 'unauthorized' | 'forbidden'; readonly challenge: string }

/** GET of a JSON document. Rejects when there is none. */
export type FetchJson = (url: string) => Promise<unknown>

const authorizationHeader = '$request.header.Authorization'
const keyLifetimeMs = 7_200_000
const algorithms = ['RS256', 'RS384', 'RS512']

/**
 * Validates bearer tokens as an HTTP API's JWT authorizer does: RSA signature with the issuer's published key, `iss`, `aud` or
 * `client_id`, `exp`, `nbf`, `iat`, then `scope` or `scp` (developer guide, http-api-jwt-authorizer). Keys are kept for two hours.
 */
export class JwtAuthorizer {
  readonly #config: JwtAuthorizerConfig
  readonly #clock: Clock
  readonly #fetchJson: FetchJson
  #keys: { readonly set: ReturnType<typeof createLocalJWKSet>; readonly expiry: number } | undefined

  /** Throws an HttpApiError for a token that stands elsewhere than in the Authorization header. */
  constructor(config: JwtAuthorizerConfig, clock: Clock, fetchJson: FetchJson) {
    const { identitySource = [authorizationHeader] } = config
    if (identitySource.some((source) => source !== authorizationHeader)) {
      throw new HttpApiError(`The identity source ${identitySource.join(', ')} is not emulated`)
    }
    this.#config = config
    this.#clock = clock
    this.#fetchJson = fetchJson
  }

  /** Decides about the value of an Authorization header for a route with these scopes. Never rejects. */
  async authorize(header: string | undefined, scopes: readonly string[]): Promise<JwtDecision> {
    const token = header?.replace(/^Bearer +/i, '')
    if (!token) return { verdict: 'unauthorized', challenge: 'Bearer' }
    const refuse = (
      verdict: 'unauthorized' | 'forbidden',
      error: string,
      description: string,
    ): JwtDecision => ({
      verdict,
      challenge: `Bearer scope="${scopes.join(' ')}" error="${error}" error_description="${description}"`,
    })
    const result = await this.#verify(token)
    if (typeof result === 'string') return refuse('unauthorized', 'invalid_token', result)

    const granted = grantedScopes(result)
    if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) {
      return refuse('forbidden', 'insufficient_scope', 'the token does not have a required scope')
    }
    const claims = Object.fromEntries(Object.entries(result).map(([name, value]) => [name, claimText(value)]))
    return { verdict: 'authorized', authorization: { claims, scopes: scopes.length > 0 ? granted : null } }
  }

  /** The claims, or why the token is not valid. */
  async #verify(token: string): Promise<JWTPayload | string> {
    if (token.split('.').length !== 3) return 'token contains an invalid number of segments'
    const { issuer, audience } = this.#config
    try {
      const { alg } = decodeProtectedHeader(token)
      if (!alg || !algorithms.includes(alg)) return `signing method ${alg} is invalid`
      const { payload } = await this.#verifySignature(token)
      const audiences = payload.aud === undefined ? [payload.client_id] : [payload.aud].flat()
      if (payload.iss !== issuer) return 'the token has an invalid issuer'
      if (!audiences.some((value) => typeof value === 'string' && audience.includes(value))) {
        return 'the token does not have a valid audience'
      }
      if (payload.iat !== undefined && payload.iat * 1_000 > this.#clock.now()) {
        return 'the token was issued in the future'
      }
      return payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'the token has expired'
      const message = error instanceof Error ? error.message.replaceAll('"', "'") : String(error)
      return error instanceof errors.JOSEError
        ? message
        : `OIDC discovery endpoint communication error: ${message}`
    }
  }

  async #verifySignature(token: string) {
    const options = { algorithms, currentDate: new Date(this.#clock.now()), requiredClaims: ['exp'] }
    const known = this.#keys
    try {
      return await jwtVerify(token, await this.#currentKeys(), options)
    } catch (error) {
      // The issuer may have rotated its keys since they were fetched.
      if (!(error instanceof errors.JWKSNoMatchingKey) || known === undefined) throw error
      this.#keys = undefined
      return jwtVerify(token, await this.#currentKeys(), options)
    }
  }

  async #currentKeys() {
    if (this.#keys && this.#clock.now() < this.#keys.expiry) return this.#keys.set
    const base = this.#config.issuer.replace(/\/$/, '')
    const discovery = (await this.#fetchJson(`${base}/.well-known/openid-configuration`)) as {
      readonly jwks_uri: string
    }
    const set = createLocalJWKSet((await this.#fetchJson(discovery.jwks_uri)) as JSONWebKeySet)
    this.#keys = { set, expiry: this.#clock.now() + keyLifetimeMs }
    return set
  }
}

const grantedScopes = ({ scope, scp }: JWTPayload): readonly string[] => {
  const granted = scope ?? scp
  if (typeof granted === 'string') return granted.split(' ').filter((text) => text !== '')
  return Array.isArray(granted) ? granted.map(String) : []
}

/** API Gateway prints claims as Go does: `[a b]`, `map[a:b]`. */
const claimText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, inner]) => `${name}:${claimText(inner)}`)
    return `map[${entries.join(' ')}]`
  }
  return String(value)
}
