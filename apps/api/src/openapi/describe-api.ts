import type * as z from 'zod/mini'
import { Problem, type ProblemCode, problems } from '../problem.ts'
import type { RouteFacts } from '../route.ts'
import { scopes } from '../scope.ts'
import { componentSchemas, jsonSchema } from './json-schema.ts'

/** The OpenAPI 3.1 document of the routes. The same routes give the same document, member by member. */
export const describeApi = (routes: readonly RouteFacts[]) => ({
  openapi: '3.1.0',
  info: {
    title: 'Stockroom',
    version: '1.0.0',
    description:
      'Stock comes in by delivery files, orders reserve it, payments sell it. Every refusal is an RFC 9457 problem.',
  },
  paths: pathsOf(routes),
  components: {
    schemas: componentSchemas(),
    securitySchemes: {
      accessToken: {
        type: 'oauth2',
        flows: { clientCredentials: { tokenUrl: 'https://auth.stockroom.example/oauth2/token', scopes } },
      },
    },
  },
})

const pathsOf = (routes: readonly RouteFacts[]) => {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) }
  return paths
}

const operation = (route: RouteFacts) => ({
  operationId: route.operationId,
  // Operations on one resource stand together.
  tags: [route.path.split('/')[1] ?? ''],
  summary: route.summary,
  ...(route.description !== undefined && { description: route.description }),
  security: route.scope === 'public' ? [] : [{ accessToken: [route.scope] }],
  parameters: [
    ...parameters('path', route.input.params),
    ...parameters('query', route.input.query),
    ...(route.idempotencyKey === 'required' ? [idempotencyKey] : []),
  ],
  ...(route.input.body && {
    requestBody: {
      required: true,
      content: { 'application/json': { schema: jsonSchema(route.input.body) } },
    },
  }),
  responses: { ...answers(route), ...refusals(route) },
})

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description:
    'A repeat with the same key and body gets the first answer, marked Idempotency-Replayed, for at least 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: '0a6e1c7e-7d0b-4c56-9f0e-5d9d2a7b7f10',
}

const parameters = (place: 'path' | 'query', schema: z.core.$ZodObject | undefined) => {
  if (schema === undefined) return []
  const required: readonly unknown[] = [jsonSchema(schema).required ?? []].flat()
  return Object.entries(schema._zod.def.shape).map(([name, member]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: jsonSchema(member),
  }))
}

const answers = ({ answers, idempotencyKey }: RouteFacts) =>
  Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, example, headers }]) => [
      status,
      {
        description,
        headers: {
          ...headerObjects(headers),
          ...(idempotencyKey === 'required' &&
            headerObjects({ 'Idempotency-Replayed': '`true` when this answer was given before.' })),
        },
        ...(schema && {
          content: {
            'application/json': { schema: jsonSchema(schema), ...(example !== undefined && { example }) },
          },
        }),
      },
    ]),
  )

const headerObjects = (headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  )

/** The problems of a route by status, each with an example. */
const refusals = (route: RouteFacts) => {
  const byStatus = Map.groupBy(problemsOf(route), (code) => problems[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => problems[code].title).join('; '),
        ...((status === 429 || status === 503) && {
          headers: headerObjects({ 'Retry-After': 'Seconds to wait before the same request is sent again.' }),
        }),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(codes.map((code) => [code, { value: example(code) }])),
          },
        },
      },
    ]),
  )
}

/** Those that follow from how the route is called, and those that it declares. */
const problemsOf = ({ scope, idempotencyKey, input, problems }: RouteFacts): readonly ProblemCode[] => {
  const implied: readonly (readonly [boolean, readonly ProblemCode[]])[] = [
    [scope !== 'public', ['caller.unauthenticated', 'caller.scope_missing', 'caller.rate_limited']],
    [idempotencyKey === 'required', ['idempotency.key_missing', 'idempotency.key_invalid']],
    [idempotencyKey === 'required', ['idempotency.in_progress', 'idempotency.key_reused']],
    [input.body !== undefined, ['request.unreadable', 'request.too_large', 'request.unsupported_media_type']],
    [Object.keys(input).length > 0, ['request.invalid']],
    [input.query !== undefined && 'cursor' in input.query._zod.def.shape, ['request.cursor_invalid']],
    [true, ['server.failed']],
    [scope !== 'public', ['server.busy', 'server.unanswered']],
  ]
  return [...new Set([...implied.flatMap(([applies, codes]) => (applies ? codes : [])), ...problems])]
}

const example = (code: ProblemCode) =>
  new Problem(code, `${problems[code].title}.`).details('01J9ZQ3V6K8M2N4P5R7S9T1V3W')
