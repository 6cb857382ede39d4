import { arnOf, type Environment } from '../arn.ts'
import type { Clock } from '../clock.ts'
import { HttpApi, type HttpApiAccess } from '../http-api/http-api.ts'
import type { HttpRouteConfig } from '../http-api/http-api-config.ts'
import { type HttpApiListener, listenHttpApi } from '../http-api/http-api-listener.ts'
import { evaluateResourcePolicy } from '../iam/service-access.ts'
import type { InvocableFunction } from '../lambda/invocation.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'
import type { HttpApiResource, RouteResource } from '../template/http-api.ts'
import { TemplateError } from '../template/template-error.ts'
import { claimPort } from './claim-port.ts'
import type { DeployedFunction } from './deploy-functions.ts'
import type { ResourcePolicies } from './resource-policies.ts'

export interface HttpApiDependencies {
  readonly environment: Environment
  readonly clock: Clock
  readonly policies: ResourcePolicies
  readonly log?: (access: HttpApiAccess) => void
  /** The port that was promised to an API when the template was resolved. */
  portOf(apiId: string): number
}

/** A function as far as a route needs it. */
type RoutedFunction = Pick<DeployedFunction, 'logicalId' | 'arn'> & { readonly runtime: InvocableFunction }

/** Listens for the HTTP APIs of a template. */
export const deployHttpApis = (
  template: Pick<CloudTemplate, 'httpApis'>,
  functions: readonly RoutedFunction[],
  deps: HttpApiDependencies,
): Promise<readonly HttpApiListener[]> =>
  Promise.all(
    template.httpApis.map((api) => {
      const { cors, throttling } = api
      const front = new HttpApi(
        {
          apiId: api.apiId,
          accountId: deps.environment.account,
          stage: api.stage,
          stageVariables: api.stageVariables,
          routes: api.routes.map((route) => routeConfig(api, route, functions, deps)),
          ...(cors && { cors }),
          ...(throttling && { throttling }),
        },
        { clock: deps.clock, ...(deps.log && { log: deps.log }) },
      )
      return claimPort('httpApi', deps.portOf(api.apiId), (port) => listenHttpApi(front, port))
    }),
  )

/** Throws when API Gateway may not invoke the function of a route; on AWS every request would then answer 500. */
const routeConfig = (
  api: HttpApiResource,
  route: RouteResource,
  functions: readonly RoutedFunction[],
  { environment, policies }: HttpApiDependencies,
): HttpRouteConfig => {
  const { routeKey, functionArn, authorizer, scopes, timeoutMs } = route
  const target = functions.find(({ arn }) => arn === functionArn)
  if (target === undefined) throw problem(route, `${functionArn} is no function of the template`)
  const path = routeKey === '$default' ? '$default' : routeKey.replace(/^ANY /, '*').replace(' ', '')
  const { allowed } = evaluateResourcePolicy(
    {
      service: 'apigateway.amazonaws.com',
      action: 'lambda:InvokeFunction',
      resource: functionArn,
      sourceArn: arnOf(environment, 'execute-api', `${api.apiId}/${api.stage}/${path}`),
      sourceAccount: environment.account,
    },
    policies(functionArn),
  )
  if (!allowed) throw problem(route, `no AWS::Lambda::Permission lets API Gateway invoke ${target.logicalId}`)
  return {
    routeKey,
    function: target.runtime,
    scopes,
    ...(authorizer && { authorizer }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

const problem = ({ logicalId }: RouteResource, text: string): TemplateError =>
  new TemplateError(`${logicalId} (AWS::ApiGatewayV2::Route): ${text}`)
