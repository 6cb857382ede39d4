import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'
import type { ResourceIdentity } from './resource-identity.ts'
import { TemplateError } from './template-error.ts'

export interface JwtAuthorizerResource {
  readonly issuer: string
  readonly audience: readonly string[]
  /** `$request.header.Authorization` */
  readonly identitySource: readonly string[]
}

export interface RouteResource {
  readonly logicalId: string
  /** `POST /orders/{id}` or `$default` */
  readonly routeKey: string
  readonly functionArn: string
  /** Milliseconds that the function may take. */
  readonly timeoutMs?: number
  /** Absent for a route that asks for no token. */
  readonly authorizer?: JwtAuthorizerResource
  /** A token needs one of them; none means that any valid token will do. */
  readonly scopes: readonly string[]
}

export interface CorsConfiguration {
  readonly allowOrigins: readonly string[]
  readonly allowMethods: readonly string[]
  readonly allowHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly allowCredentials: boolean
  /** Seconds. */
  readonly maxAge?: number
}

/** An HTTP API with its one stage. */
export interface HttpApiResource {
  readonly logicalId: string
  readonly apiId: string
  readonly name: string
  readonly cors?: CorsConfiguration
  readonly routes: readonly RouteResource[]
  readonly stage: string
  readonly stageVariables: Readonly<Record<string, string>>
  /** Requests per second and burst of the stage, when it has a limit. */
  readonly throttling?: { readonly rateLimit: number; readonly burstLimit: number }
}

/** Properties of HTTP APIs that are accepted without effect. */
export const httpApiNotEmulated = {
  Description: 'no effect',
  DisableExecuteApiEndpoint: 'the local address is the only one',
  Tags: 'no effect',
} as const

/** Properties of stages that are accepted without effect. */
export const stageNotEmulated = {
  Description: 'no effect',
  AutoDeploy: 'what the template says is deployed',
  AccessLogSettings: 'the log goes to the caller of startLocalCloud',
  'DefaultRouteSettings.DetailedMetricsEnabled': 'no CloudWatch',
  Tags: 'no effect',
} as const

/** Properties of integrations that are accepted without effect. */
export const integrationNotEmulated = { Description: 'no effect' } as const

type Identity = (resource: ResolvedResource) => ResourceIdentity

/** Reads `AWS::ApiGatewayV2::Api` with everything that hangs on it. Resources of other APIs in the lists are ignored. */
export const parseHttpApi = (
  resource: ResolvedResource,
  parts: Readonly<Record<'stages' | 'routes' | 'integrations' | 'authorizers', readonly ResolvedResource[]>>,
  identity: Identity,
): HttpApiResource => {
  const apiId = identity(resource).ref
  const own = (resources: readonly ResolvedResource[]) =>
    resources.filter(({ properties }) => properties.ApiId === apiId)
  const integrations = new Map(own(parts.integrations).map((part) => [identity(part).ref, integration(part)]))
  const authorizers = new Map(own(parts.authorizers).map((part) => [identity(part).ref, authorizer(part)]))

  const properties = reader(resource)
  properties.accept(httpApiNotEmulated)
  properties.choice('ProtocolType', ['HTTP'])
  const cors = properties.optionalObject('CorsConfiguration')
  const api: HttpApiResource = {
    logicalId: resource.logicalId,
    apiId,
    name: properties.string('Name'),
    ...(cors && { cors: corsConfiguration(cors) }),
    routes: own(parts.routes).map((part) => route(part, integrations, authorizers)),
    ...stageOf(resource, own(parts.stages)),
  }
  properties.end()
  return api
}

const reader = (resource: ResolvedResource): PropertyReader =>
  new PropertyReader(describeResource(resource), resource.properties)

const corsConfiguration = (cors: PropertyReader): CorsConfiguration => {
  const maxAge = cors.optionalNumber('MaxAge')
  return {
    allowOrigins: cors.strings('AllowOrigins'),
    allowMethods: cors.strings('AllowMethods'),
    allowHeaders: cors.strings('AllowHeaders'),
    exposeHeaders: cors.strings('ExposeHeaders'),
    allowCredentials: cors.optionalBoolean('AllowCredentials') ?? false,
    ...(maxAge !== undefined && { maxAge }),
  }
}

const stageOf = (
  api: ResolvedResource,
  stages: readonly ResolvedResource[],
): Pick<HttpApiResource, 'stage' | 'stageVariables' | 'throttling'> => {
  const [stage, ...others] = stages
  if (stage === undefined || others.length > 0) {
    throw new TemplateError(`${describeResource(api)}: has ${stages.length} stages; one is emulated`)
  }
  const properties = reader(stage)
  properties.accept(stageNotEmulated)
  properties.string('ApiId')
  const settings = properties.optionalObject('DefaultRouteSettings')
  settings?.optionalBoolean('DetailedMetricsEnabled')
  const rateLimit = settings?.optionalNumber('ThrottlingRateLimit')
  const burstLimit = settings?.optionalNumber('ThrottlingBurstLimit')
  const result = {
    stage: properties.string('StageName'),
    stageVariables: properties.stringMap('StageVariables'),
    ...(rateLimit !== undefined && burstLimit !== undefined && { throttling: { rateLimit, burstLimit } }),
  }
  properties.end()
  return result
}

type Integration = Pick<RouteResource, 'functionArn' | 'timeoutMs'>

const integration = (resource: ResolvedResource): Integration => {
  const properties = reader(resource)
  properties.accept(integrationNotEmulated)
  properties.string('ApiId')
  properties.choice('IntegrationType', ['AWS_PROXY'])
  properties.choice('PayloadFormatVersion', ['2.0'])
  properties.optionalChoice('IntegrationMethod', ['POST'])
  const timeoutMs = properties.optionalNumber('TimeoutInMillis')
  // Either the function's ARN or the path of its Invoke action, which holds the ARN.
  const uri = properties.string('IntegrationUri')
  properties.end()
  return {
    functionArn: /arn:[^:]+:lambda:[^:]+:\d+:function:[^/:]+/.exec(uri)?.[0] ?? uri,
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

const authorizer = (resource: ResolvedResource): JwtAuthorizerResource => {
  const properties = reader(resource)
  for (const name of ['ApiId', 'Name']) properties.string(name)
  properties.choice('AuthorizerType', ['JWT'])
  const jwt = properties.object('JwtConfiguration')
  const result = {
    issuer: jwt.string('Issuer'),
    audience: jwt.strings('Audience'),
    identitySource: properties.strings('IdentitySource'),
  }
  properties.end()
  return result
}

const route = (
  resource: ResolvedResource,
  integrations: ReadonlyMap<string, Integration>,
  authorizers: ReadonlyMap<string, JwtAuthorizerResource>,
): RouteResource => {
  const properties = reader(resource)
  properties.string('ApiId')
  const target = integrations.get(properties.string('Target').replace(/^integrations\//, ''))
  if (target === undefined) throw properties.error('Target', 'names no integration of this API')
  const type = properties.optionalChoice('AuthorizationType', ['NONE', 'JWT']) ?? 'NONE'
  const authorizerId = properties.optionalString('AuthorizerId')
  const jwt = type === 'JWT' ? authorizers.get(authorizerId ?? '') : undefined
  if (type === 'JWT' && jwt === undefined)
    throw properties.error('AuthorizerId', 'names no authorizer of this API')
  const result: RouteResource = {
    logicalId: resource.logicalId,
    routeKey: properties.string('RouteKey'),
    ...target,
    ...(jwt && { authorizer: jwt }),
    scopes: properties.strings('AuthorizationScopes'),
  }
  properties.end()
  return result
}
