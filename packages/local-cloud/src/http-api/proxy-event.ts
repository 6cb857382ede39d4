import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { HttpApiConfig } from './http-api-config.ts'
import type { HttpApiRequest } from './http-message.ts'
import type { JwtAuthorization } from './jwt-authorizer.ts'

/** What the front found out about a request before its integration is called. */
export interface ProxyRequestContext {
  readonly requestId: string
  readonly traceHeader: string
  readonly routeKey: string
  /** Decoded, with the stage's name if it has one. */
  readonly path: string
  readonly rawQueryString: string
  readonly pathParameters: Readonly<Record<string, string>>
  readonly authorization: JwtAuthorization | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

type ProxyEvent = APIGatewayProxyEventV2 & {
  readonly requestContext: APIGatewayProxyEventV2['requestContext'] & {
    readonly authorizer?: { readonly jwt: JwtAuthorization }
  }
}

/** Headers of one connection, not of the request; the cookie header arrives as `cookies`. */
const droppedHeaders = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'cookie',
])

/** The event of payload format 2.0. */
export const proxyEvent = (
  request: HttpApiRequest,
  context: ProxyRequestContext,
  config: Pick<HttpApiConfig, 'apiId' | 'accountId' | 'stage' | 'stageVariables'>,
): ProxyEvent => {
  const headers = joinedHeaders(request.headers)
  const cookies = request.headers
    .filter(([name]) => name.toLowerCase() === 'cookie')
    .flatMap(([, value]) => value.split(/; */))
  const query = joinPairs(new URLSearchParams(context.rawQueryString))
  const domainName = headers.host ?? ''
  const isBase64Encoded =
    request.body.length > 0 && !isText(headers['content-type'], headers['content-encoding'])
  return {
    version: '2.0',
    routeKey: context.routeKey,
    rawPath: context.path,
    rawQueryString: context.rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers: {
      ...Object.fromEntries(Object.entries(headers).filter(([name]) => !droppedHeaders.has(name))),
      'x-amzn-trace-id': context.traceHeader,
      'x-forwarded-for': [headers['x-forwarded-for'], request.sourceIp].filter(Boolean).join(', '),
      'x-forwarded-port': domainName.split(':')[1] ?? '80',
      'x-forwarded-proto': 'http',
    },
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: config.accountId,
      apiId: config.apiId,
      ...(context.authorization && { authorizer: { jwt: context.authorization } }),
      domainName,
      domainPrefix: domainName.split(/[.:]/)[0] ?? '',
      http: {
        method: request.method,
        path: context.path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: context.requestId,
      routeKey: context.routeKey,
      stage: config.stage,
      time: commonLogTime(context.at),
      timeEpoch: context.at,
    },
    ...(Object.keys(context.pathParameters).length > 0 && { pathParameters: context.pathParameters }),
    ...(config.stageVariables && { stageVariables: { ...config.stageVariables } }),
    ...(request.body.length > 0 && {
      body: Buffer.from(request.body).toString(isBase64Encoded ? 'base64' : 'utf8'),
    }),
    isBase64Encoded,
  }
}

/** Lower-case names; several values of one name joined by a comma. */
export const joinedHeaders = (headers: HttpApiRequest['headers']): Record<string, string> =>
  joinPairs(headers.map(([name, value]): [string, string] => [name.toLowerCase(), value]))

const joinPairs = (pairs: Iterable<[name: string, value: string]>): Record<string, string> => {
  const joined: Record<string, string> = {}
  for (const [name, value] of pairs) joined[name] = name in joined ? `${joined[name]},${value}` : value
  return joined
}

/**
 * AWS does not document which bodies it takes for text. Others observed `text/*` and these three; a form, a `+json` type and a body
 * without a type arrive in base64. That a compressed body does, too, is an assumption: text would destroy it.
 */
const isText = (contentType = '', contentEncoding: string | undefined): boolean =>
  contentEncoding === undefined &&
  /^(text\/[^;]+|application\/(json|javascript|xml))\s*(;|$)/i.test(contentType.trim())

/** `12/Mar/2026:19:03:58 +0000` */
const commonLogTime = (instant: number): string => {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date(instant).toUTCString()) ?? []
  return `${day}/${month}/${year}:${time} +0000`
}
