import { Busy } from '@stockroom/domain/busy'
import type { Cause } from '@stockroom/domain/cause'
import type { RateLimiter } from '@stockroom/domain/rate-limit/rate-limiter'
import type { Refusal } from '@stockroom/domain/refusal'
import { type Context, Hono } from 'hono'
import type { Claims } from './caller.ts'
import { Problem } from './problem.ts'
import type { Answer, Route } from './route.ts'
import { isUnanswered } from './unanswered.ts'

/** What API Gateway tells about a request besides the request itself. */
export interface Invocation {
  /** `POST /orders`, or `$default` for whatever matches no route and therefore passed no authorizer. */
  readonly routeKey: string
  readonly claims: Claims | undefined
  readonly cause: Cause
}
type Env = { Bindings: Invocation }

export interface AppOptions {
  /** Asked for each request once its merchant is known, before anything else is done for it. */
  readonly limiter: RateLimiter
  /** Told of every error that the caller gets to see as 500 only, or as no answer. */
  readonly onFailure: (error: unknown) => void
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The API over its routes and their dependencies; knows nothing of Lambda, so that tests call it with a plain request. */
export const makeApp = <D>(
  routes: readonly Route<D>[],
  deps: D,
  { limiter, onFailure }: AppOptions,
): Hono<Env> => {
  const app = new Hono<Env>()

  const nothingHere = (c: Context<Env>) => {
    const allow = methods.filter((method) => app.router.match(method, c.req.path)[0].length > 0)
    // The method of a route that API Gateway does not have is as unknown as its path.
    if (allow.length === 0 || allow.includes(c.req.method))
      throw new Problem('route.not_found', 'There is nothing at this path.')
    throw new Problem('route.method_not_allowed', `This path takes ${allow.join(', ')}.`, {
      headers: { allow: allow.join(', ') },
    })
  }

  for (const route of routes)
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (c) => {
      if (c.env.routeKey === '$default') return nothingHere(c)
      const answer = await route.handle(
        {
          method: c.req.method,
          path: c.req.path,
          params: c.req.param(),
          query: new URL(c.req.url).searchParams,
          header: (name) => c.req.header(name),
          body: () => c.req.raw.bytes(),
          claims: c.env.claims,
          cause: c.env.cause,
          pass: async (merchant) => {
            const asked = await limiter(merchant)
            if (asked.outcome === 'refused') throw tooMany(asked.retryAfterSeconds)
          },
        },
        deps,
      )
      if ('refusal' in answer) throw refusalProblem(answer.refusal)
      return respond(c, answer)
    })

  app.notFound((c) => nothingHere(c))
  app.onError((error, c) => {
    if (!(error instanceof Problem) && !(error instanceof Busy)) onFailure(error)
    return respond(c, problemAnswer(problemOf(error), c.env.cause))
  })
  return app
}

const refusalProblem = ({ code, detail, items }: Refusal): Problem =>
  new Problem(code, detail, items && { errors: items })

const tooMany = (retryAfterSeconds: number): Problem =>
  new Problem('caller.rate_limited', `Come again in ${retryAfterSeconds} s; nothing was done.`, {
    headers: { 'retry-after': String(retryAfterSeconds) },
  })

const problemOf = (error: Error): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof Busy)
    return new Problem(
      'server.busy',
      'Send the same request again, under the same Idempotency-Key if it has one.',
      {
        headers: { 'retry-after': String(error.retryAfterSeconds) },
      },
    )
  if (isUnanswered(error))
    return new Problem(
      'server.unanswered',
      'It may have happened or not: send the same request again, under the same Idempotency-Key if it has one.',
      { headers: { 'retry-after': '1' } },
    )
  return new Problem('server.failed', 'The error is logged under the correlation id of this answer.')
}

const problemAnswer = (problem: Problem, { correlationId }: Cause): Answer => {
  const body = problem.details(correlationId)
  return {
    status: body.status,
    body,
    headers: { ...problem.headers, 'content-type': 'application/problem+json' },
  }
}

const respond = (c: Context<Env>, { status, body, headers }: Answer): Response => {
  const { correlationId, traceparent } = c.env.cause
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-correlation-id': correlationId,
      ...(traceparent !== undefined && { traceparent }),
      ...headers,
    },
  })
}
