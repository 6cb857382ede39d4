import { describe, expect, it } from 'vitest'
import { readResources } from './read-resources.ts'

describe('HTTP APIs', () => {
  const api = {
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: 'api', ProtocolType: 'HTTP', Tags: { stage: 'dev' } },
    },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
        PayloadFormatVersion: '2.0',
      },
    },
    Jwt: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: { Ref: 'Api' },
        Name: 'jwt',
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: 'http://issuer', Audience: ['api'] },
      },
    },
  }
  const route = (properties: Record<string, unknown>) => ({
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: 'POST /things',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
      ...properties,
    },
  })

  it('have routes with the function and the authorizer behind them', () => {
    const { httpApis } = readResources({
      ...api,
      Open: route({ AuthorizationType: 'NONE' }),
      Closed: route({
        AuthorizationType: 'JWT',
        AuthorizerId: { Ref: 'Jwt' },
        AuthorizationScopes: ['things:write'],
      }),
    })

    expect(httpApis[0]?.routes).toEqual([
      {
        logicalId: 'Open',
        routeKey: 'POST /things',
        functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
        scopes: [],
      },
      {
        logicalId: 'Closed',
        routeKey: 'POST /things',
        functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
        authorizer: {
          issuer: 'http://issuer',
          audience: ['api'],
          identitySource: ['$request.header.Authorization'],
        },
        scopes: ['things:write'],
      },
    ])
  })

  it('refuse a route whose authorizer is missing: it would be open', () => {
    expect(() => readResources({ ...api, Closed: route({ AuthorizationType: 'JWT' }) })).toThrow(
      'App.Closed (AWS::ApiGatewayV2::Route): property AuthorizerId names no authorizer of this API',
    )
  })
})
