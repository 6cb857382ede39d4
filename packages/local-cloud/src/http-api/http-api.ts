import { randomBytes } from 'node:crypto'
import { type Clock, pause } from '../clock.ts'
import type { Invocation } from '../lambda/invocation.ts'
import { freshTraceHeader } from '../lambda/trace-header.ts'
import { isPreflight, withCors } from './cors.ts'
import { type HttpApiConfig, HttpApiError, type HttpRouteConfig } from './http-api-config.ts'
import { gatewayMessage, type HttpApiRequest, type HttpApiResponse } from './http-message.ts'
import { type FetchJson, JwtAuthorizer } from './jwt-authorizer.ts'
import { joinedHeaders, type ProxyRequestContext, proxyEvent } from './proxy-event.ts'
import { proxyResponse } from './proxy-response.ts'
import { compileRoutes, type FindRoute, type RouteMatch } from './route-table.ts'
import { TokenBucket } from './token-bucket.ts'

/** One line of the access log. */
export interface HttpApiAccess {
  readonly requestId: string
  readonly method: string
  readonly path: string
  /** Undefined when no route matched. */
  readonly routeKey: string | undefined
  readonly status: number
  readonly responseBytes: number
  readonly durationMs: number
  readonly traceHeader: string
}

export interface HttpApiDependencies {
  readonly clock: Clock
  /** How authorizers read the issuer's documents. Default: `fetch`. */
  readonly fetchJson?: FetchJson
  readonly log?: (access: HttpApiAccess) => void
}

interface Route extends HttpRouteConfig {
  readonly authorize: JwtAuthorizer | undefined
  readonly bucket: TokenBucket | undefined
}

/** Larger requests are answered with 413, by API Gateway itself. */
export const bodyLimit = 10 * 1024 * 1024
/** Lambda's limit for a synchronous invocation's event. */
const eventLimit = 6 * 1024 * 1024

/** The front of one HTTP API, without a network: hand it requests. */
export class HttpApi {
  readonly #config: HttpApiConfig
  readonly #deps: HttpApiDependencies
  readonly #findRoute: FindRoute<Route>

  /** Throws an HttpApiError for routes that API Gateway would refuse. */
  constructor(config: HttpApiConfig, dependencies: HttpApiDependencies) {
    this.#config = config
    this.#deps = dependencies
    const { clock, fetchJson = fetchJsonByHttp } = dependencies
    this.#findRoute = compileRoutes(
      config.routes.map((route): Route => {
        const { timeoutMs = 30_000, authorizer, throttling = config.throttling } = route
        if (timeoutMs < 50 || timeoutMs > 30_000) {
          throw new HttpApiError(`The timeout of ${route.routeKey} is not between 50 and 30000 ms`)
        }
        return {
          ...route,
          authorize: authorizer && new JwtAuthorizer(authorizer, clock, fetchJson),
          bucket: throttling && new TokenBucket(throttling, clock),
        }
      }),
    )
  }

  /** Answers one request; never rejects. */
  async handle(request: HttpApiRequest): Promise<HttpApiResponse> {
    const { clock, log } = this.#deps
    const at = clock.now()
    const requestId = randomBytes(11).toString('base64')
    const headers = joinedHeaders(request.headers)
    const given = headers['x-amzn-trace-id']
    const traceHeader = given?.includes('Root=') ? given : freshTraceHeader(at)
    const [rawPath = '/', rawQueryString = ''] = splitOnce(request.target, '?')
    const match = this.#match(request.method, rawPath)
    const cors = {
      method: request.method,
      origin: headers.origin,
      requestedMethod: headers['access-control-request-method'],
    }
    const answer = async (): Promise<HttpApiResponse> => {
      if (request.body.length > bodyLimit) return gatewayMessage(413, 'Request Entity Too Large')
      if (match === 'malformed') return gatewayMessage(400, 'Bad Request')
      // A route that matches OPTIONS, even by ANY or $default, takes the preflight away from the front.
      if (!match) {
        return this.#config.cors && isPreflight(cors)
          ? { status: 204, headers: [], body: Buffer.alloc(0) }
          : gatewayMessage(404, 'Not Found')
      }
      const path = decodeURIComponent(rawPath)
      return this.#answer(request, match, { requestId, traceHeader, path, rawQueryString, at })
    }
    const response = withCors(await answer(), this.#config.cors, cors)
    log?.({
      requestId,
      method: request.method,
      path: rawPath,
      routeKey: typeof match === 'object' ? match.route.routeKey : undefined,
      status: response.status,
      responseBytes: response.body.length,
      durationMs: clock.now() - at,
      traceHeader,
    })
    return { ...response, headers: [...response.headers, ['apigw-requestid', requestId]] }
  }

  #match(method: string, rawPath: string): RouteMatch<Route> | undefined | 'malformed' {
    const { stage } = this.#config
    const prefix = stage === '$default' ? '' : `/${stage}`
    if (rawPath !== prefix && !rawPath.startsWith(`${prefix}/`)) return undefined
    const segments = decodeSegments(rawPath.slice(prefix.length + 1))
    return segments ? this.#findRoute(method, segments) : 'malformed'
  }

  async #answer(
    request: HttpApiRequest,
    { route, pathParameters }: RouteMatch<Route>,
    context: Pick<ProxyRequestContext, 'requestId' | 'traceHeader' | 'path' | 'rawQueryString' | 'at'>,
  ): Promise<HttpApiResponse> {
    if (route.bucket && !route.bucket.take()) return gatewayMessage(429, 'Too Many Requests')
    const headers = joinedHeaders(request.headers)
    const decision = await route.authorize?.authorize(headers.authorization, route.scopes ?? [])
    if (decision && decision.verdict !== 'authorized') {
      const challenge = [['www-authenticate', decision.challenge]] as const
      return decision.verdict === 'unauthorized'
        ? gatewayMessage(401, 'Unauthorized', challenge)
        : gatewayMessage(403, 'Forbidden', challenge)
    }
    const event = proxyEvent(
      request,
      { ...context, routeKey: route.routeKey, pathParameters, authorization: decision?.authorization },
      this.#config,
    )
    if (Buffer.byteLength(JSON.stringify(event)) > eventLimit)
      return gatewayMessage(413, 'Request Entity Too Large')
    return this.#invoke(route, event, context.traceHeader)
  }

  async #invoke(route: Route, event: unknown, traceHeader: string): Promise<HttpApiResponse> {
    const answered = new AbortController()
    const invocation = await Promise.race([
      route.function.invoke(event, { traceHeader }),
      pause(this.#deps.clock, route.timeoutMs ?? 30_000, answered.signal).then(
        (): 'timed out' => 'timed out',
      ),
    ])
    answered.abort()
    if (invocation === 'timed out') return gatewayMessage(503, 'Service Unavailable')
    return responseOf(invocation)
  }
}

const responseOf = (invocation: Invocation): HttpApiResponse => {
  switch (invocation.outcome) {
    case 'succeeded':
      return proxyResponse(invocation.payload) ?? gatewayMessage(500, 'Internal Server Error')
    case 'failed':
      return gatewayMessage(500, 'Internal Server Error')
    case 'throttled':
      return gatewayMessage(503, 'Service Unavailable')
  }
}

/** Undefined for a percent sign that encodes nothing. */
const decodeSegments = (path: string): readonly string[] | undefined => {
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    return undefined
  }
}

const splitOnce = (text: string, separator: string): readonly [string, string?] => {
  const index = text.indexOf(separator)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)]
}

const fetchJsonByHttp: FetchJson = async (url) => {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`GET ${url}: ${response.status}`)
  return response.json()
}
