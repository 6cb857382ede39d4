import { CfnOutput, type CfnParameter, Stack } from 'aws-cdk-lib'
import { CfnApi, CfnAuthorizer, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { CfnPermission } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { BundledFunction } from './bundled-function.ts'
import { apiOperations } from './openapi-document.ts'

export interface HttpApiProps {
  readonly handler: BundledFunction
  readonly jwtIssuer: CfnParameter
  readonly jwtAudience: CfnParameter
}

/**
 * One route for each operation of the API's own OpenAPI document, with the scopes it names; `$default` gives everything else to the function,
 * which answers 404 or 405 as a problem document and nothing more.
 */
export class HttpApi extends Construct {
  constructor(scope: Construct, { handler, jwtIssuer, jwtAudience }: HttpApiProps) {
    super(scope, 'HttpApi')
    const { region, account, partition, urlSuffix } = Stack.of(this)
    const api = new CfnApi(this, 'Api', { name: Stack.of(this).stackName, protocolType: 'HTTP' })
    new CfnStage(this, 'Stage', {
      apiId: api.ref,
      stageName: '$default',
      autoDeploy: true,
      defaultRouteSettings: { throttlingBurstLimit: 1000, throttlingRateLimit: 500 },
    })
    const integration = new CfnIntegration(this, 'Integration', {
      apiId: api.ref,
      integrationType: 'AWS_PROXY',
      integrationUri: handler.function.functionArn,
      payloadFormatVersion: '2.0',
    })
    const authorizer = new CfnAuthorizer(this, 'Authorizer', {
      apiId: api.ref,
      name: 'jwt',
      authorizerType: 'JWT',
      identitySource: ['$request.header.Authorization'],
      jwtConfiguration: { issuer: jwtIssuer.valueAsString, audience: [jwtAudience.valueAsString] },
    })
    const target = `integrations/${integration.ref}`
    for (const { operationId, method, path, scopes } of apiOperations()) {
      new CfnRoute(this, `Route-${operationId}`, {
        apiId: api.ref,
        routeKey: `${method} ${path}`,
        target,
        // Scopes are what tells an access token from an ID token here (API Gateway guide, "http-api-jwt-authorizer").
        ...(scopes === 'public'
          ? { authorizationType: 'NONE' }
          : { authorizationType: 'JWT', authorizerId: authorizer.ref, authorizationScopes: [...scopes] }),
      })
    }
    new CfnRoute(this, 'Route-default', {
      apiId: api.ref,
      routeKey: '$default',
      target,
      authorizationType: 'NONE',
    })
    new CfnPermission(this, 'MayInvoke', {
      action: 'lambda:InvokeFunction',
      functionName: handler.function.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:${partition}:execute-api:${region}:${account}:${api.ref}/*`,
    })
    new CfnOutput(this, 'Url', {
      value: `https://${api.ref}.execute-api.${region}.${urlSuffix}`,
    }).overrideLogicalId('ApiUrl')
  }
}
