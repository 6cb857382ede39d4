import { routeTable } from '@stockroom/api/route-table'
import { scopes } from '@stockroom/api/scope'
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda'
import type { ApiRequest } from '../world.ts'

const patterns = routeTable.map(({ method, path }) => ({
  method,
  key: `${method} ${path}`,
  form: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

const routeKeyOf = ({ method, path }: ApiRequest): string =>
  patterns.find((pattern) => pattern.method === method && pattern.form.test(path))?.key ?? '$default'

/** The token that a merchant's client sends; if anything writes it down, an audit finds it. */
export const canaryToken = (merchant: string): string => `canary-token-of-${merchant}`

/** What API Gateway makes of a request whose token it has verified. */
export const httpEvent = (
  request: ApiRequest,
  { requestId, at }: { readonly requestId: string; readonly at: number },
): APIGatewayProxyEventV2WithJWTAuthorizer => {
  const { merchant, method, path, body, idempotencyKey } = request
  const routeKey = routeKeyOf(request)
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: {
      authorization: `Bearer ${canaryToken(merchant)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'virtual',
      domainName: 'api.invalid',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'shop' },
      requestId,
      routeKey,
      stage: '$default',
      time: new Date(at).toISOString(),
      timeEpoch: at,
      authorizer: {
        principalId: '',
        integrationLatency: 0,
        jwt: {
          claims: {
            merchant_id: merchant,
            client_id: `${merchant}-till`,
            scope: Object.keys(scopes).join(' '),
          },
          scopes: [],
        },
      },
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  }
}
