import { HttpApiError, type HttpRouteConfig } from './http-api-config.ts'

export interface RouteMatch<Route> {
  readonly route: Route
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>
}

/** The most specific route for a method and the segments of a path; `segments` are decoded and follow the leading slash. */
export type FindRoute<Route> = (method: string, segments: readonly string[]) => RouteMatch<Route> | undefined

type SegmentKind = 'static' | 'parameter' | 'greedy'
interface Segment {
  readonly kind: SegmentKind
  readonly text: string
}
interface Candidate<Route> {
  readonly route: Route
  readonly method: string
  readonly segments: readonly Segment[]
  readonly rank: string
}

const methods = new Set(['ANY', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const ranks = { static: '0', parameter: '1', greedy: '2' } satisfies Record<SegmentKind, string>

/**
 * Compiles routes with API Gateway's priorities: a full match before a greedy one before `$default`, a fixed segment before a
 * parameter, a method before ANY. Paths are case-sensitive and a trailing slash is part of them. Throws an HttpApiError for a
 * route key that is malformed or comes twice.
 */
export const compileRoutes = <Route extends Pick<HttpRouteConfig, 'routeKey'>>(
  routes: readonly Route[],
): FindRoute<Route> => {
  const keys = routes.map((route) => route.routeKey)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined) throw new HttpApiError(`The route ${twice} comes twice`)

  const fallback = routes.find((route) => route.routeKey === '$default')
  const candidates = routes
    .filter((route) => route !== fallback)
    .map(compileRoute)
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))

  return (method, segments) => {
    for (const candidate of candidates) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue
      const pathParameters = matchSegments(candidate.segments, segments)
      if (pathParameters) return { route: candidate.route, pathParameters }
    }
    return fallback && { route: fallback, pathParameters: {} }
  }
}

const compileRoute = <Route extends Pick<HttpRouteConfig, 'routeKey'>>(route: Route): Candidate<Route> => {
  const [, method = '', path = ''] = /^([A-Z]+) \/(.*)$/.exec(route.routeKey) ?? []
  if (!methods.has(method)) throw new HttpApiError(`The route key ${route.routeKey} is malformed`)
  const segments = path.split('/').map((text): Segment => {
    const [, name, plus] = /^\{([\w.:-]+)(\+?)\}$/.exec(text) ?? []
    if (name !== undefined) return { kind: plus === '+' ? 'greedy' : 'parameter', text: name }
    if (/[{}]/.test(text)) throw new HttpApiError(`The route key ${route.routeKey} is malformed`)
    return { kind: 'static', text }
  })
  const greedy = segments.findIndex(({ kind }) => kind === 'greedy')
  if (greedy >= 0 && greedy < segments.length - 1) {
    throw new HttpApiError(`The greedy parameter of ${route.routeKey} is not at its end`)
  }
  const kinds = segments.map(({ kind }) => ranks[kind]).join('')
  // Any greedy route comes after every full match, and among greedy ones the longer comes first because 2 ranks last.
  return {
    route,
    method,
    segments,
    rank: `${greedy >= 0 ? '1' : '0'}${kinds}${method === 'ANY' ? 'b' : 'a'}`,
  }
}

const matchSegments = (
  pattern: readonly Segment[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined => {
  const parameters: Record<string, string> = {}
  for (const [index, { kind, text }] of pattern.entries()) {
    const rest = segments.slice(index)
    if (kind === 'greedy') {
      parameters[text] = rest.join('/')
      return parameters[text] === '' ? undefined : parameters
    }
    const [segment] = rest
    if (segment === undefined) return undefined
    if (kind === 'static' && segment !== text) return undefined
    if (kind === 'parameter') {
      if (segment === '') return undefined
      parameters[text] = segment
    }
  }
  return segments.length === pattern.length ? parameters : undefined
}
