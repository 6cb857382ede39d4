import type { HttpApiCorsConfig } from './http-api-config.ts'
import type { HttpApiResponse } from './http-message.ts'

export interface CorsRequest {
  readonly method: string
  readonly origin: string | undefined
  readonly requestedMethod: string | undefined
}

/** An OPTIONS request that a browser sends ahead: it has both headers. */
export const isPreflight = (request: CorsRequest): boolean =>
  request.method === 'OPTIONS' && request.origin !== undefined && request.requestedMethod !== undefined

/**
 * Replaces the CORS headers of a response by the configured ones: API Gateway ignores what the integration sent as soon as the API
 * has a CORS configuration (developer guide, http-api-cors).
 */
export const withCors = (
  response: HttpApiResponse,
  config: HttpApiCorsConfig | undefined,
  request: CorsRequest,
): HttpApiResponse =>
  config
    ? {
        ...response,
        headers: [
          ...response.headers.filter(([name]) => !name.startsWith('access-control-')),
          ...corsHeaders(config, request),
        ],
      }
    : response

const corsHeaders = (config: HttpApiCorsConfig, request: CorsRequest): [string, string][] => {
  const { allowOrigins = [], allowCredentials = false, maxAge } = config
  const { origin } = request
  if (origin === undefined || !allowOrigins.some((allowed) => allows(allowed, origin))) return []
  const headers: [string, string][] = [
    ['access-control-allow-origin', allowOrigins.includes('*') ? '*' : origin],
  ]
  const add = (name: string, values: readonly string[] = []) => {
    if (values.length > 0) headers.push([name, values.join(',')])
  }
  if (allowCredentials) headers.push(['access-control-allow-credentials', 'true'])
  if (isPreflight(request)) {
    add('access-control-allow-methods', config.allowMethods)
    add('access-control-allow-headers', config.allowHeaders)
    if (maxAge !== undefined) headers.push(['access-control-max-age', String(maxAge)])
  } else {
    add('access-control-expose-headers', config.exposeHeaders)
  }
  return headers
}

const allows = (allowed: string, origin: string): boolean =>
  allowed === '*' ||
  allowed === origin ||
  (/^https?:\/\/\*$/.test(allowed) && origin.startsWith(allowed.slice(0, -1)))
