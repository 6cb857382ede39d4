import * as z from 'zod/mini'
import type { IncomingRequest } from './incoming-request.ts'
import { readJsonBody } from './json-body.ts'
import { Problem } from './problem.ts'
import { schemaErrors } from './schema-errors.ts'

/** The parts of a request that a route reads, each by its own strict schema; what is not declared is refused (query) or left unread (body). */
export type InputSchemas = Readonly<
  Partial<Record<'params' | 'query', z.core.$ZodObject> & Record<'body', z.core.$ZodType>>
>

/** What those schemas make of a request. */
export type Input<I extends InputSchemas> = z.output<z.ZodMiniObject<I, z.core.$strip>>

/** Reads the declared parts of requests, and gives the body as it came too. The reader throws Problem 400, 413, 415 or 422. */
export const inputReader = <I extends InputSchemas>(schemas: I) => {
  const schema = z.object(schemas)
  return async (request: IncomingRequest): Promise<{ input: Input<I>; body: unknown }> => {
    const body =
      schemas.body &&
      readJsonBody(await request.body(), request.header('content-type'), request.header('content-encoding'))
    const query = queryOf(request.query)
    const result = z.safeParse(schema, { params: request.params, query, body }, { reportInput: true })
    if (!result.success) throw invalid(result.error.issues)
    // A misspelt parameter is an error on every route, also on one that has none.
    const keys = schemas.query === undefined ? Object.keys(query) : []
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
