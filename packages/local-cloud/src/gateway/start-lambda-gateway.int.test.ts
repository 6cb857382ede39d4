import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { failed, ScriptedFunction, succeeded, throttled } from '../events/scripted-function.ts'
import { parsePolicy } from '../iam/policy.ts'
import type { Invocation } from '../lambda/invocation.ts'
import { makeCallRecorder } from './call-recorder.ts'
import { makeDoor } from './make-door.ts'
import { makePrincipals, operatorCredentials } from './principals.ts'
import type { Gateway } from './start-json-gateway.ts'
import { startLambdaGateway } from './start-lambda-gateway.ts'

const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:${name}`
const answers: Readonly<Record<string, Invocation>> = {
  well: succeeded({ fine: true }),
  badly: failed('TypeError', 'no such thing'),
  crowded: throttled,
}
const principals = makePrincipals(localEnvironment)
const role = principals.add({
  name: 'caller',
  roleArn: 'arn:aws:iam::000000000000:role/caller-role',
  policies: [
    parsePolicy(
      { Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arnOf('well') }] },
      'identity',
      'CallerPolicy',
    ),
  ],
})
const recorder = makeCallRecorder()
let queued: unknown[]
let gateway: Gateway
let operator: LambdaClient
let caller: LambdaClient

beforeAll(async () => {
  const door = makeDoor({
    environment: localEnvironment,
    principals,
    recorder,
    resourcePolicyOf: () => undefined,
    interceptors: [],
    killCaller: () => {},
  })
  gateway = await startLambdaGateway(door, {
    arnOf,
    targetOf: (name) =>
      name in answers
        ? {
            function: new ScriptedFunction(() => answers[name] ?? succeeded()),
            asynchronous: { accept: async (event) => queued.push([name, event]) },
          }
        : undefined,
  })
  const common = { endpoint: gateway.endpoint, region: localEnvironment.region, maxAttempts: 1 }
  operator = new LambdaClient({ ...common, credentials: operatorCredentials })
  caller = new LambdaClient({ ...common, credentials: role('environment-1') })
})
beforeEach(() => {
  queued = []
})
afterAll(async () => {
  for (const client of [operator, caller]) client.destroy()
  await gateway.close()
})

const invoke = (client: LambdaClient, FunctionName: string, event?: unknown, more = {}) =>
  client.send(
    new InvokeCommand({
      FunctionName,
      ...(event === undefined ? {} : { Payload: Buffer.from(JSON.stringify(event)) }),
      ...more,
    }),
  )

describe("Lambda's Invoke", () => {
  it('answers with what the function answered', async () => {
    const { StatusCode, Payload, FunctionError, ExecutedVersion } = await invoke(operator, 'well', {})
    expect([StatusCode, FunctionError, ExecutedVersion]).toEqual([200, undefined, '$LATEST'])
    expect(JSON.parse(Payload?.transformToString() ?? '')).toEqual({ fine: true })
  })

  it('says that the function failed, and gives its error', async () => {
    const { StatusCode, Payload, FunctionError } = await invoke(operator, 'badly')
    expect([StatusCode, FunctionError]).toEqual([200, 'Unhandled'])
    expect(JSON.parse(Payload?.transformToString() ?? '')).toMatchObject({ errorType: 'TypeError' })
  })

  it('queues an event and answers at once', async () => {
    const { StatusCode } = await invoke(operator, 'badly', { n: 1 }, { InvocationType: 'Event' })
    expect(StatusCode).toBe(202)
    expect(queued).toEqual([['badly', { n: 1 }]])
  })

  it('takes an ARN, with or without $LATEST, as a name', async () => {
    for (const name of [arnOf('well'), `${arnOf('well')}:$LATEST`, '000000000000:function:well'])
      expect((await invoke(operator, name)).StatusCode, name).toBe(200)
  })

  it.each([
    ['is throttled', 'crowded', {}, 'TooManyRequestsException'],
    ['does not know the function', 'nobody', {}, 'ResourceNotFoundException'],
    [
      'does not know the invocation type',
      'well',
      { InvocationType: 'DryRun' },
      'InvalidParameterValueException',
    ],
    ['gets no JSON', 'well', { Payload: Buffer.from('{') }, 'InvalidRequestContentException'],
  ])('says when it %s', async (_, name, more, error) => {
    await expect(invoke(operator, name, undefined, more)).rejects.toMatchObject({ name: error })
  })

  it('asks the role of the caller, function by function, and records the call', async () => {
    expect((await invoke(caller, 'well')).StatusCode).toBe(200)
    await expect(invoke(caller, 'badly')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('is not authorized to perform: lambda:InvokeFunction'),
    })
    expect(recorder.counts()).toContainEqual({
      principal: 'caller',
      action: 'lambda:InvokeFunction',
      resource: arnOf('badly'),
      allowed: 0,
      denied: 1,
    })
  })

  it('is the only operation', async () => {
    await expect(operator.send(new ListFunctionsCommand({}))).rejects.toThrow('does not offer lambda')
  })
})
