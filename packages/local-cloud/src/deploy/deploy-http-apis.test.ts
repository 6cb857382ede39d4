import { afterEach, expect, test } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { ScriptedFunction, succeeded } from '../events/scripted-function.ts'
import type { HttpApiListener } from '../http-api/http-api-listener.ts'
import { lambdaResourcePolicy } from '../iam/lambda-permission.ts'
import { ManualClock } from '../manual-clock.ts'
import type { HttpApiResource } from '../template/http-api.ts'
import { deployHttpApis } from './deploy-http-apis.ts'

const listeners: HttpApiListener[] = []
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

const deploy = async (settings: Partial<HttpApiResource>) => {
  const target = new ScriptedFunction(() => succeeded({ statusCode: 200 }))
  const api: HttpApiResource = {
    logicalId: 'Api',
    apiId: 'api1',
    name: 'api',
    stage: '$default',
    stageVariables: {},
    routes: [{ logicalId: 'Route', routeKey: 'GET /a', functionArn: target.arn, scopes: [] }],
    ...settings,
  }
  const policy = lambdaResourcePolicy(target.name, [
    { functionArn: target.arn, action: 'lambda:InvokeFunction', principal: 'apigateway.amazonaws.com' },
  ])
  const [listener] = await deployHttpApis(
    { httpApis: [api] },
    [{ logicalId: 'Worker', arn: target.arn, runtime: target }],
    { environment: localEnvironment, clock: new ManualClock(), policies: () => policy, portOf: () => 0 },
  )
  if (!listener) throw new Error('nothing listens')
  listeners.push(listener)
  return listener.origin
}

test('the throttling of the stage reaches the front', async () => {
  const origin = await deploy({ throttling: { burstLimit: 1, rateLimit: 1 } })
  expect([(await fetch(`${origin}/a`)).status, (await fetch(`${origin}/a`)).status]).toEqual([200, 429])
})

test('the CORS configuration reaches the front', async () => {
  const origin = await deploy({
    cors: {
      allowOrigins: ['https://page.example'],
      allowMethods: ['GET'],
      allowHeaders: ['authorization'],
      exposeHeaders: [],
      allowCredentials: true,
      maxAge: 300,
    },
  })
  const { status, headers } = await fetch(`${origin}/a`, {
    method: 'OPTIONS',
    headers: { origin: 'https://page.example', 'access-control-request-method': 'GET' },
  })
  expect(status).toBe(204)
  expect(Object.fromEntries(headers)).toMatchObject({
    'access-control-allow-origin': 'https://page.example',
    'access-control-allow-methods': 'GET',
    'access-control-allow-headers': 'authorization',
    'access-control-allow-credentials': 'true',
    'access-control-max-age': '300',
  })
})
