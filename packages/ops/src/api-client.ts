import { setTimeout as pause } from 'node:timers/promises'

/** An answer of the API: what it said, not whether that was good news. */
export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
  readonly replayed: boolean
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** Makes the request safe to send again; a new one for every intent. */
  readonly idempotencyKey?: string
}

/** Calls the API as one merchant. */
export type ApiClient = (request: ApiRequest) => Promise<ApiAnswer>

const maxAttempts = 40

/**
 * A client that does what a careful shop does: after a lost connection, a 429, a 5xx or a 409 that says the first attempt still runs, it sends the same
 * request with the same key again, waits as Retry-After says, and gives up with the last answer after 40 attempts.
 */
export const makeApiClient = (baseUrl: string, token: () => Promise<string>): ApiClient => {
  const attempt = async ({
    method,
    path,
    body,
    idempotencyKey,
  }: ApiRequest): Promise<ApiAnswer & { again?: number }> => {
    const response = await fetch(new URL(path, baseUrl), {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(40_000),
    })
    const text = await response.text()
    const answer = {
      status: response.status,
      body: text === '' ? undefined : JSON.parse(text),
      replayed: response.headers.get('idempotency-replayed') === 'true',
    }
    const repeatable = method !== 'POST' || idempotencyKey !== undefined
    const wanted = response.status === 429 || response.status >= 500 || isInProgress(answer)
    return repeatable && wanted
      ? { ...answer, again: Number(response.headers.get('retry-after') ?? 0.2) }
      : answer
  }
  return async (request) => {
    for (let n = 1; ; n++) {
      const answer = await attempt(request).catch((error: unknown) => {
        if (n === maxAttempts || (request.method === 'POST' && request.idempotencyKey === undefined))
          throw error
        return undefined
      })
      if (answer !== undefined && (answer.again === undefined || n === maxAttempts)) return answer
      await pause(Math.min(5_000, (answer?.again ?? 0.2) * 1_000 + n * 20))
    }
  }
}

const isInProgress = ({ status, body }: ApiAnswer): boolean =>
  status === 409 && JSON.stringify(body ?? '').includes('idempotency.in_progress')
