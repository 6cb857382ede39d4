import type { InvocableFunction } from '../lambda/invocation.ts'

/** A JWT authorizer. */
export interface JwtAuthorizerConfig {
  /** Compared with the token's `iss`; its `/.well-known/openid-configuration` leads to the keys. */
  readonly issuer: string
  /** The token's `aud`, or its `client_id` when it has no `aud`, must be one of these. */
  readonly audience: readonly string[]
  /** Only `$request.header.Authorization`, the default, is emulated. */
  readonly identitySource?: readonly string[]
}

/** Token bucket: `rateLimit` requests per second, `burstLimit` at once. */
export interface ThrottleConfig {
  readonly burstLimit: number
  readonly rateLimit: number
}

export interface HttpRouteConfig {
  /** `GET /things/{id}`, `ANY /{proxy+}` or `$default`. */
  readonly routeKey: string
  readonly function: InvocableFunction
  /** Integration timeout, 50 to 30,000. Default 30,000. */
  readonly timeoutMs?: number
  readonly authorizer?: JwtAuthorizerConfig
  /** The token must have one of them, if there are any. */
  readonly scopes?: readonly string[]
  /** Instead of the stage's default. */
  readonly throttling?: ThrottleConfig
}

/** `AWS::ApiGatewayV2::Api` CorsConfiguration. */
export interface HttpApiCorsConfig {
  /** Exact origins, `*`, `https://*` or `http://*`. */
  readonly allowOrigins?: readonly string[]
  readonly allowMethods?: readonly string[]
  readonly allowHeaders?: readonly string[]
  readonly exposeHeaders?: readonly string[]
  /** Seconds. */
  readonly maxAge?: number
  readonly allowCredentials?: boolean
}

/** An HTTP API with one stage whose routes are Lambda proxy integrations of payload format 2.0. */
export interface HttpApiConfig {
  readonly apiId: string
  readonly accountId: string
  /** `$default`, or a name that every path then begins with. */
  readonly stage: string
  readonly routes: readonly HttpRouteConfig[]
  readonly cors?: HttpApiCorsConfig
  /** DefaultRouteSettings: every route has a bucket of its own. */
  readonly throttling?: ThrottleConfig
  readonly stageVariables?: Readonly<Record<string, string>>
}

/** A route key that API Gateway would refuse, or a setting that is not emulated. */
export class HttpApiError extends Error {
  constructor(message: string) {
    super(`HTTP API: ${message}`)
    this.name = 'HttpApiError'
  }
}
