import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One operation of the API: what API Gateway needs to know of it. */
export interface ApiOperation {
  readonly operationId: string
  readonly method: string
  /** With `{name}` parameters, which OpenAPI and API Gateway write alike. */
  readonly path: string
  readonly scopes: 'public' | readonly string[]
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const

interface Operation {
  readonly operationId: string
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
}
interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<(typeof methods)[number], Operation>>>>>
}

/** The operations of the document that the API's build wrote. @throws Error when it was not built, or an operation names neither scopes nor that it needs none. */
export const apiOperations = (): readonly ApiOperation[] => {
  const file = fileURLToPath(new URL('../../apps/api/dist/openapi.json', import.meta.url))
  const document: OpenApiDocument = JSON.parse(read(file))
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method]
      return operation === undefined
        ? []
        : [
            {
              operationId: operation.operationId,
              method: method.toUpperCase(),
              path,
              scopes: scopesOf(operation),
            },
          ]
    }),
  )
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Error('no apps/api/dist/openapi.json: run "pnpm build" first', { cause })
  }
}

/** An operation is open only when it says `security: []` itself: forgetting the line must not open a route. */
const scopesOf = ({ operationId, security }: Operation): ApiOperation['scopes'] => {
  if (security?.length === 0) return 'public'
  const scopes = security?.flatMap((requirement) => Object.values(requirement).flat()) ?? []
  if (scopes.length === 0)
    throw new Error(`operation ${operationId} names no scope: a token without scopes would open it`)
  return scopes
}
