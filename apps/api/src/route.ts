import type { Refusal } from '@stockroom/domain/refusal'
import type * as z from 'zod/mini'
import { type Caller, callerOf } from './caller.ts'
import type { IncomingRequest } from './incoming-request.ts'
import { keyedRequest, readIdempotencyKey } from './keyed-request.ts'
import type { ProblemCode } from './problem.ts'
import { type Input, type InputSchemas, inputReader } from './read-input.ts'
import type { Scope } from './scope.ts'

/** One answer that a route may give; without a schema it has no body. */
export interface AnswerDeclaration {
  readonly description: string
  readonly schema?: z.core.$ZodType
  readonly example?: unknown
  /** Header names and what they mean. */
  readonly headers?: Readonly<Record<string, string>>
}

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
  readonly input: InputSchemas
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

type PublicFacts<I, A> = Omit<RouteFacts, 'scope' | 'idempotencyKey' | 'input' | 'answers'> & {
  readonly input: I
  readonly answers: A
}
type GuardedFacts<I, A> = PublicFacts<I, A> & { readonly scope: Scope }

/** Declares a route that needs no token: `publicRoute({ facts }).handle(async ({ input, cause }, deps) => answer)`. */
export const publicRoute = <const I extends InputSchemas, const A extends Answers>(
  facts: PublicFacts<I, A>,
) =>
  declare({ ...facts, scope: 'public', idempotencyKey: 'none' }, async ({ cause }) => () => ({ cause }))

/** Declares a route for callers whose token has `scope`; its handler knows the `caller`. */
export const route = <const I extends InputSchemas, const A extends Answers>(facts: GuardedFacts<I, A>) =>
  declare({ ...facts, idempotencyKey: 'none' }, async (request) => {
    const { cause } = request
    const caller = await admitted(request, facts.scope)
    return () => ({ caller, cause })
  })

/** Declares a route for callers whose token has `scope` and who send an Idempotency-Key; `keyed` is the request under that key. */
export const keyedRoute = <const I extends InputSchemas, const A extends Answers>(
  facts: GuardedFacts<I, A>,
) =>
  declare({ ...facts, idempotencyKey: 'required' }, async (request) => {
    const { cause, method, path, header } = request
    const caller = await admitted(request, facts.scope)
    const key = readIdempotencyKey(header('idempotency-key'))
    return (body) => ({
      caller,
      cause,
      keyed: keyedRequest(caller, `${facts.method} ${facts.path}`, key, { method, path, body }),
    })
  })

/** The caller, within its rate. @throws Problem 401, 403 or 429. */
const admitted = async ({ claims, pass }: IncomingRequest, scope: Scope): Promise<Caller> => {
  const caller = callerOf(claims, scope)
  await pass(caller.merchant)
  return caller
}

/** `admit` looks at the caller before the body is read, and completes what the handler is given once it is. */
const declare = <I extends InputSchemas, A extends Answers, Given>(
  facts: RouteFacts & { readonly input: I; readonly answers: A },
  admit: (request: IncomingRequest) => Promise<(body: unknown) => Given>,
) => {
  const read = inputReader<I>(facts.input)
  return {
    handle: <D>(
      handle: (request: { readonly input: Input<I> } & Given, deps: D) => Promise<AnswerOf<A> | Refused>,
    ): Route<D> => ({
      ...facts,
      handle: async (request, deps) => {
        const complete = await admit(request)
        const { input, body } = await read(request)
        return handle({ input, ...complete(body) }, deps)
      },
    }),
  }
}
