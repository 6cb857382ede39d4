import { randomUUID } from 'node:crypto'
import type { LocalStage } from '@stockroom/ops/local/local-stage'
import { allScopes } from '@stockroom/ops/local/scopes'

export interface TokenChanges {
  readonly merchant?: string
  readonly scopes?: readonly string[]
  readonly expiresInSeconds?: number
  readonly audience?: string
}

export interface Call {
  /** Of acme with every scope, unless said; none when empty. */
  readonly token?: string | undefined
  readonly headers?: Record<string, string>
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string
}

/** An Idempotency-Key header, a new one unless said. */
export const keyed = (key: string = randomUUID()) => ({ 'idempotency-key': key })

/** The API of a running stage, and what was said to it and by it: what may be said to nobody else. */
export const anApi = async (local: LocalStage) => {
  const secrets = new Set<string>()
  const refusals: string[] = []
  const issue = async ({
    merchant = 'acme',
    scopes = allScopes,
    audience = 'stockroom',
    ...rest
  }: TokenChanges = {}) => {
    const claims = { sub: 'shop', client_id: 'shop', merchant_id: merchant, token_use: 'access' }
    const token = await local.cloud.issueToken({ claims, scopes, audience, ...rest })
    secrets.add(token.slice(token.lastIndexOf('.') + 1))
    return token
  }
  const tokens = {
    acme: await issue(),
    globex: await issue({ merchant: 'globex' }),
    reader: await issue({ scopes: ['orders:read'] }),
  }

  const call = async (
    method: string,
    path: string,
    { token = tokens.acme, headers = {}, body, raw }: Call = {},
  ) => {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const key = headers['idempotency-key']
    if (key !== undefined && key.length > 30) secrets.add(key)
    const response = await fetch(new URL(path, local.stage.ApiUrl), {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(content === undefined ? {} : { body: content }),
    })
    const text = await response.text()
    if (!response.ok) refusals.push(text)
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      headers: response.headers,
      text,
      body: text === '' ? {} : JSON.parse(text),
    }
  }
  const place = (lines: unknown, options: Call = {}) =>
    call('POST', '/orders', { headers: keyed(), body: { lines }, ...options })

  return { local, issue, tokens, call, place, secrets, refusals }
}
export type Api = Awaited<ReturnType<typeof anApi>>
