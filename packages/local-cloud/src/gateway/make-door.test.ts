import { describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { type Policy, parsePolicy } from '../iam/policy.ts'
import type { IncomingCall } from './authorize.ts'
import { makeCallRecorder } from './call-recorder.ts'
import type { Interceptor } from './interceptor.ts'
import { makeDoor } from './make-door.ts'
import { makePrincipals, operatorCredentials } from './principals.ts'
import { serviceSessions } from './service-sessions.ts'

const queue = 'arn:aws:sqs:eu-west-1:000000000000:jobs'
const sendJobs = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue }

const doorOf = ({
  statements = [sendJobs],
  resourcePolicy,
  interceptors = [],
}: {
  statements?: object[]
  resourcePolicy?: Policy
  interceptors?: readonly Interceptor[]
} = {}) => {
  const principals = makePrincipals(localEnvironment)
  const recorder = makeCallRecorder()
  const killed: string[] = []
  const credentialsFor = principals.add({
    name: 'worker',
    roleArn: 'arn:aws:iam::000000000000:role/worker-role',
    policies: statements.map((Statement) => parsePolicy({ Statement }, 'identity', 'WorkerPolicy')),
  })
  const door = makeDoor({
    environment: localEnvironment,
    principals,
    recorder,
    resourcePolicyOf: () => resourcePolicy,
    interceptors,
    killCaller: (name, environmentId) => killed.push(`${name} ${environmentId}`),
  })
  const { accessKeyId, sessionToken } = credentialsFor('environment-1')
  const call: IncomingCall = {
    service: 'sqs',
    operation: 'SendMessage',
    accessKeyId,
    sessionToken,
    actions: [{ action: 'sqs:SendMessage', resource: queue }],
  }
  return { door, recorder, killed, call }
}

const outcome = { status: 200, requestBytes: 10, responseBytes: 20 }

describe('the door', () => {
  it('lets a function do what its role allows, and counts by the permission', async () => {
    const { door, recorder, call } = doorOf()
    const admission = await door.enter(call)
    if (admission.verdict !== 'admitted') throw new Error(admission.verdict)
    expect(await admission.leave(outcome)).toEqual({ kind: 'answer' })
    expect(recorder.recent()).toMatchObject([
      { principal: 'worker', environmentId: 'environment-1', operation: 'SendMessage', ...outcome },
    ])
    expect(recorder.counts()).toEqual([
      { principal: 'worker', action: 'sqs:SendMessage', resource: queue, allowed: 1, denied: 0 },
    ])
  })

  it("refuses in AWS's words what no policy allows", async () => {
    const { door, recorder, call } = doorOf({ statements: [{ ...sendJobs, Resource: `${queue}-other` }] })
    expect(await door.enter(call)).toEqual({
      verdict: 'refused',
      fault: {
        status: 403,
        code: 'AccessDenied',
        message:
          'User: arn:aws:sts::000000000000:assumed-role/worker-role/worker is not authorized to perform: sqs:SendMessage ' +
          `on resource: ${queue} because no identity-based policy allows the sqs:SendMessage action`,
      },
    })
    expect(recorder.recent()).toMatchObject([{ status: 403, errorCode: 'AccessDenied' }])
    expect(recorder.counts()).toMatchObject([{ resource: queue, allowed: 0, denied: 1 }])
  })

  it("refuses in AWS's words what a policy denies", async () => {
    const { door, call } = doorOf({ statements: [sendJobs, { ...sendJobs, Effect: 'Deny' }] })
    expect(await door.enter(call)).toMatchObject({
      fault: { message: expect.stringMatching(/ with an explicit deny in an identity-based policy$/) },
    })
  })

  it('counts the loopback as TLS', async () => {
    const overTls = { ...sendJobs, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }
    const { door, call } = doorOf({ statements: [overTls] })
    expect(await door.enter(call)).toMatchObject({ verdict: 'admitted' })
  })

  it('asks the policy of the resource, too', async () => {
    const resourcePolicy = (Effect: string) =>
      parsePolicy({ Statement: { ...sendJobs, Effect, Principal: '*' } }, 'resource', 'JobsPolicy')
    const denying = doorOf({ resourcePolicy: resourcePolicy('Deny') })
    expect(await denying.door.enter(denying.call)).toMatchObject({ verdict: 'refused' })
    const allowing = doorOf({ statements: [], resourcePolicy: resourcePolicy('Allow') })
    expect(await allowing.door.enter(allowing.call)).toMatchObject({ verdict: 'admitted' })
  })

  it('wants the policy of a key to allow as well', async () => {
    const decrypt = { action: 'kms:Decrypt', resource: 'arn:aws:kms:eu-west-1:000000000000:key/1' }
    const { door, call } = doorOf({
      statements: [{ Effect: 'Allow', Action: decrypt.action, Resource: decrypt.resource }],
    })
    expect(await door.enter({ ...call, service: 'kms', actions: [decrypt] })).toMatchObject({
      fault: {
        code: 'AccessDeniedException',
        message: expect.stringContaining('no resource-based policy allows'),
      },
    })
  })

  it('refuses all actions of a call when one of them is not allowed', async () => {
    const { door, call } = doorOf()
    const actions = [...call.actions, { action: 'sqs:SendMessage', resource: `${queue}-other` }]
    expect(await door.enter({ ...call, actions })).toMatchObject({
      fault: { message: expect.stringContaining(`on resource: ${queue}-other because`) },
    })
  })

  it('refuses a key that nobody was given, and a function without its session token', async () => {
    const { door, recorder, call } = doorOf()
    const { sessionToken: _, ...withoutToken } = call
    const refused = { verdict: 'refused', fault: { code: 'InvalidClientTokenId' } }
    expect(await door.enter({ ...call, accessKeyId: 'LOCALNOBODY' })).toMatchObject(refused)
    expect(await door.enter(withoutToken)).toMatchObject(refused)
    expect(recorder.recent()).toMatchObject([{ principal: 'unknown' }, { principal: 'unknown' }])
  })

  it('lets the operator do everything, and records it', async () => {
    const { door, recorder, call } = doorOf({ statements: [{ ...sendJobs, Effect: 'Deny' }] })
    const admission = await door.enter({ ...call, accessKeyId: operatorCredentials.accessKeyId })
    expect(admission).toMatchObject({ verdict: 'admitted' })
    if (admission.verdict === 'admitted') await admission.leave(outcome)
    expect(recorder.recent()).toMatchObject([{ principal: 'operator', status: 200 }])
  })

  it('tells what else the caller may do without recording it', async () => {
    const { door, recorder, call } = doorOf()
    const admission = await door.enter(call)
    if (admission.verdict !== 'admitted') throw new Error(admission.verdict)
    expect(admission.permits({ action: 'sqs:SendMessage', resource: queue })).toBe(true)
    expect(admission.permits({ action: 'sqs:PurgeQueue', resource: queue })).toBe(false)
    expect(recorder.counts()).toEqual([])
  })

  it('counts the objects of a bucket as one resource', async () => {
    const { door, recorder, call } = doorOf()
    for (const key of ['a', 'b/c']) {
      await door.enter({
        ...call,
        actions: [{ action: 's3:GetObject', resource: `arn:aws:s3:::box/${key}` }],
      })
    }
    expect(recorder.counts()).toEqual([
      { principal: 'worker', action: 's3:GetObject', resource: 'arn:aws:s3:::box/*', allowed: 0, denied: 2 },
    ])
  })
})

describe('an interceptor', () => {
  const fault = { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' }

  it('before the effect may fail the call', async () => {
    const { door, recorder, call } = doorOf({
      interceptors: [{ before: async () => ({ kind: 'fail', fault }) }],
    })
    expect(await door.enter(call)).toEqual({ verdict: 'refused', fault })
    expect(recorder.recent()).toMatchObject([{ errorCode: 'ThrottlingException', interference: 'before' }])
  })

  it('before the effect may lose the call and kill its caller', async () => {
    const { door, killed, recorder, call } = doorOf({
      interceptors: [{}, { before: async () => ({ kind: 'kill caller' }) }],
    })
    expect(await door.enter(call)).toEqual({ verdict: 'lost' })
    expect(killed).toEqual(['worker environment-1'])
    expect(recorder.recent()).toMatchObject([{ status: 0, interference: 'before' }])
  })

  it('after the effect may lose the answer or change it into a failure', async () => {
    for (const [interference, departure] of [
      [{ kind: 'hang up' }, { kind: 'hang up' }],
      [{ kind: 'kill caller' }, { kind: 'hang up' }],
      [
        { kind: 'fail', fault },
        { kind: 'fail', fault },
      ],
    ] as const) {
      const { door, recorder, call } = doorOf({ interceptors: [{ after: async () => interference }] })
      const admission = await door.enter(call)
      if (admission.verdict !== 'admitted') throw new Error(admission.verdict)
      expect(await admission.leave(outcome)).toEqual(departure)
      expect(recorder.recent()).toMatchObject([{ interference: 'after' }])
    }
  })

  it('sees only calls that are permitted', async () => {
    const seen: string[] = []
    const { door, call } = doorOf({
      statements: [{ ...sendJobs, Action: 'sqs:ReceiveMessage' }],
      interceptors: [
        {
          before: async ({ operation }) => {
            seen.push(operation)
            return undefined
          },
        },
      ],
    })
    await door.enter(call)
    await door.enter({
      ...call,
      operation: 'ReceiveMessage',
      actions: [{ action: 'sqs:ReceiveMessage', resource: queue }],
    })
    expect(seen).toEqual(['ReceiveMessage'])
  })

  describe('with an interceptor that rewrites', () => {
    const rewritable = { input: { n: 1 }, rewritable: true } as const

    it('asks the server to perform another request', async () => {
      const { door, recorder, call } = doorOf({
        interceptors: [{ before: async () => ({ kind: 'change request', input: { n: 2 } }) }],
      })
      const admission = await door.enter({ ...call, ...rewritable })
      if (admission.verdict !== 'admitted') throw new Error(admission.verdict)
      expect(admission.instead).toMatchObject({ input: { n: 2 } })
      expect(await admission.leave(outcome)).toEqual({ kind: 'answer' })
      expect(recorder.recent()).toMatchObject([{ status: 200, interference: 'before' }])
    })

    it('asks the server to give another answer than its own, which the interceptor has seen', async () => {
      const { door, recorder, call } = doorOf({
        interceptors: [
          { after: async (_, { output }) => ({ kind: 'answer', output: { ...output?.(), changed: true } }) },
        ],
      })
      const admission = await door.enter({ ...call, ...rewritable })
      if (admission.verdict !== 'admitted') throw new Error(admission.verdict)
      expect(admission.instead).toBeUndefined()
      expect(await admission.leave({ ...outcome, output: () => ({ n: 3 }) })).toMatchObject({
        kind: 'answer',
        output: { n: 3, changed: true },
      })
      expect(recorder.recent()).toMatchObject([{ status: 200, interference: 'after' }])
    })

    it.each<[string, Interceptor]>([
      ['request', { before: async () => ({ kind: 'change request', input: {} }) }],
      ['answer', { before: async () => ({ kind: 'answer', output: {} }) }],
    ])('does not let it change the %s of a call that streams', async (_, interceptor) => {
      const { door, call } = doorOf({ interceptors: [interceptor] })
      await expect(door.enter(call)).rejects.toThrow('cannot rewrite sqs:SendMessage')
    })
  })

  it('takes the sessions of services for no execution environments', async () => {
    const { door, recorder, call } = doorOf()
    const admission = await door.enter({ ...call, sessionToken: serviceSessions.mapping })
    if (admission.verdict !== 'admitted') throw new Error(admission.verdict)
    await admission.leave(outcome)
    expect(recorder.recent()[0]).not.toHaveProperty('environmentId')
  })
})
