import type { Cause } from '@stockroom/domain/cause'
import type { Refusal } from '@stockroom/domain/refusal'
import * as z from 'zod/mini'
import { type Claims, callerOf } from './caller.ts'
import { readJsonBody } from './json-body.ts'
import { keyedRequest, readIdempotencyKey } from './keyed-request.ts'
import { Problem, type ProblemCode } from './problem.ts'
import { schemaErrors } from './schema-errors.ts'
import type { Scope } from './scope.ts'

/** A request as it came in, behind whichever transport. */
export interface IncomingRequest {
  readonly method: string
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly header: (name: string) => string | undefined
  readonly body: () => Promise<Uint8Array>
  readonly claims: Claims | undefined
  readonly cause: Cause
}

/** One answer that a route may give; without a schema it has no body. */
export interface AnswerDeclaration {
  readonly description: string
  readonly schema?: z.core.$ZodType
  readonly example?: unknown
  /** Header names and what they mean. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The parts of a request that a route reads, each by its own strict schema; what is not declared is refused (query) or left unread (body). */
type Input = Readonly<
  Partial<Record<'params' | 'query', z.core.$ZodObject> & Record<'body', z.core.$ZodType>>
>

/** What everybody may know of a route: Hono's table, the OpenAPI document and, through it, API Gateway's routes come from this. */
export interface RouteFacts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As OpenAPI and API Gateway write it: `/orders/{id}`. */
  readonly path: `/${string}`
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly scope: Scope | 'public'
  readonly idempotencyKey: 'required' | 'none'
  readonly input: Input
  readonly answers: Answers
  /** The refusals of the shop; those of the transport follow from the other members. */
  readonly problems: readonly ProblemCode[]
}

/** What a handler gives back. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}
export type Refused = { readonly ok: false; readonly refusal: Refusal }

/** A declared route: its facts, and what it does with a request given the dependencies `D`. */
export interface Route<D> extends RouteFacts {
  readonly handle: (request: IncomingRequest, deps: D) => Promise<Answer | Refused>
}

/** The answers that a declaration allows: one of its statuses, with a body of that status' schema. */
type AnswerOf<A extends Answers> = {
  readonly [S in keyof A & number]: {
    readonly status: S
    readonly headers?: Readonly<Record<string, string>>
  } & (A[S] extends { readonly schema: infer B extends z.core.$ZodType }
    ? { readonly body: z.output<B> }
    : { readonly body?: never })
}[keyof A & number]

type Answers = Readonly<Record<number, AnswerDeclaration>>
type Parts<I extends Input> = z.output<z.ZodMiniObject<I, z.core.$strip>>

type PublicFacts<I, A> = Omit<RouteFacts, 'scope' | 'idempotencyKey' | 'input' | 'answers'> & {
  readonly input: I
  readonly answers: A
}
type GuardedFacts<I, A> = PublicFacts<I, A> & { readonly scope: Scope }

/** Declares a route that needs no token: `publicRoute({ facts }).handle(async ({ input, cause }, deps) => answer)`. */
export const publicRoute = <const I extends Input, const A extends Answers>(facts: PublicFacts<I, A>) =>
  declare({ ...facts, scope: 'public', idempotencyKey: 'none' }, ({ cause }) => () => ({ cause }))

/** Declares a route for callers whose token has `scope`; its handler knows the `caller`. */
export const route = <const I extends Input, const A extends Answers>(facts: GuardedFacts<I, A>) =>
  declare({ ...facts, idempotencyKey: 'none' }, ({ claims, cause }) => {
    const caller = callerOf(claims, facts.scope)
    return () => ({ caller, cause })
  })

/** Declares a route for callers whose token has `scope` and who send an Idempotency-Key; `keyed` is the request under that key. */
export const keyedRoute = <const I extends Input, const A extends Answers>(facts: GuardedFacts<I, A>) =>
  declare({ ...facts, idempotencyKey: 'required' }, ({ claims, cause, method, path, header }) => {
    const caller = callerOf(claims, facts.scope)
    const key = readIdempotencyKey(header('idempotency-key'))
    return (body) => ({
      caller,
      cause,
      keyed: keyedRequest(caller, `${facts.method} ${facts.path}`, key, { method, path, body }),
    })
  })

/** `admit` looks at the caller before the body is read, and completes what the handler is given once it is. */
const declare = <I extends Input, A extends Answers, Given>(
  facts: RouteFacts & { readonly input: I; readonly answers: A },
  admit: (request: IncomingRequest) => (body: unknown) => Given,
) => {
  const read = reader(facts.input)
  return {
    handle: <D>(
      handle: (request: { readonly input: Parts<I> } & Given, deps: D) => Promise<AnswerOf<A> | Refused>,
    ): Route<D> => ({
      ...facts,
      handle: async (request, deps) => {
        const admitted = admit(request)
        const { input, body } = await read(request)
        return handle({ input, ...admitted(body) }, deps)
      },
    }),
  }
}

/** Reads the declared parts of a request, and gives the body as it came too. @throws Problem 400, 413, 415 or 422. */
const reader = <const I extends Input>(input: I) => {
  const schema = z.object(input)
  return async (request: IncomingRequest): Promise<{ input: Parts<I>; body: unknown }> => {
    const body =
      input.body &&
      readJsonBody(await request.body(), request.header('content-type'), request.header('content-encoding'))
    const query = queryOf(request.query)
    const result = z.safeParse(schema, { params: request.params, query, body }, { reportInput: true })
    if (!result.success) throw invalid(result.error.issues)
    // A misspelt parameter is an error on every route, also on one that has none.
    const keys = input.query === undefined ? Object.keys(query) : []
    if (keys.length > 0) throw invalid([{ code: 'unrecognized_keys', path: ['query'], keys, message: '' }])
    return { input: result.data, body }
  }
}

const invalid = (issues: readonly z.core.$ZodIssue[]): Problem =>
  new Problem('request.invalid', 'The request breaks the schema; errors names the parts at fault.', {
    errors: schemaErrors(issues),
  })

/** A parameter given once is text, one given more often a list, which a schema for text refuses. */
const queryOf = (query: URLSearchParams): Record<string, unknown> =>
  Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const [first, ...others] = query.getAll(name)
      return [name, others.length === 0 ? first : [first, ...others]]
    }),
  )
