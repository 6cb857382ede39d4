import { describe, expect, it } from 'vitest'
import { type ApplicablePolicies, evaluate, type PolicyRequest } from './evaluate.ts'
import { lambdaResourcePolicy } from './lambda-permission.ts'
import { parsePolicy } from './policy.ts'
import { evaluateResourcePolicy, evaluateTrust } from './service-access.ts'

const role = {
  type: 'role',
  roleArn: 'arn:aws:iam::000000000000:role/worker',
  sessionArn: 'arn:aws:sts::000000000000:assumed-role/worker/worker-function',
} as const

const queue = 'arn:aws:sqs:eu-west-1:000000000000:jobs'
const send: PolicyRequest = { principal: role, action: 'sqs:SendMessage', resource: queue, conditions: {} }

const identity = (...statements: object[]) => [
  parsePolicy({ Version: '2012-10-17', Statement: statements }, 'identity', 'WorkerPolicy'),
]
const resource = (...statements: object[]) =>
  parsePolicy({ Version: '2012-10-17', Statement: statements }, 'resource', 'JobsPolicy')
const allow = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue }
const deny = { ...allow, Effect: 'Deny' }
const allowed = (request: PolicyRequest, policies: ApplicablePolicies) => evaluate(request, policies).allowed

describe('a role', () => {
  it('may do what one of its policies allows', () => {
    expect(evaluate(send, { identity: identity(allow) })).toEqual({
      allowed: true,
      grant: { policy: 'WorkerPolicy', statement: 0, action: 'sqs:SendMessage', resource: queue },
    })
  })

  it('may do nothing by default', () => {
    expect(evaluate(send, { identity: [] })).toEqual({
      allowed: false,
      reason: 'no identity-based policy allows',
    })
  })

  it('may not do what any policy denies, whatever else is allowed', () => {
    expect(evaluate(send, { identity: identity(allow, deny) })).toEqual({
      allowed: false,
      reason: 'explicit deny in an identity-based policy',
    })
    expect(
      evaluate(send, { identity: identity(allow), resource: resource({ ...deny, Principal: '*' }) }),
    ).toEqual({ allowed: false, reason: 'explicit deny in a resource-based policy' })
  })

  it.each<[string, object, boolean]>([
    ['an action with a wildcard', { Action: 'sqs:Send*' }, true],
    ['all actions of the service', { Action: ['s3:*', 'sqs:*'] }, true],
    ['an action in another case', { Action: 'SQS:sendmessage' }, true],
    ['another action', { Action: 'sqs:ReceiveMessage' }, false],
    ['a question mark for one character only', { Action: 'sqs:SendMessag?' }, true],
    ['every resource', { Resource: '*' }, true],
    ['a resource with a wildcard', { Resource: 'arn:aws:sqs:*:*:j*s' }, true],
    [
      'a resource whose name only begins alike',
      { Resource: 'arn:aws:sqs:eu-west-1:000000000000:job' },
      false,
    ],
    ['a resource in another case', { Resource: queue.replace('jobs', 'JOBS') }, false],
    ['a condition that does not hold', { Condition: { Null: { 'aws:SourceArn': 'false' } } }, false],
  ])('by a statement with %s', (_title, change, expected) => {
    expect(allowed(send, { identity: identity({ ...allow, ...change }) })).toBe(expected)
  })

  it('may do all but what NotAction and NotResource except', () => {
    const but = { Effect: 'Allow', NotAction: ['sqs:Purge*'], NotResource: 'arn:aws:sqs:*:*:secret' }
    const policies = { identity: identity(but) }
    expect(allowed(send, policies)).toBe(true)
    expect(allowed({ ...send, action: 'sqs:PurgeQueue' }, policies)).toBe(false)
    expect(allowed({ ...send, resource: queue.replace('jobs', 'secret') }, policies)).toBe(false)
  })

  it.each<[string, unknown, boolean]>([
    ['its role', { AWS: role.roleArn }, true],
    ['its session', { AWS: [role.sessionArn] }, true],
    ['everybody', '*', true],
    ['everybody in the long form', { AWS: '*' }, true],
    ['its account, which leaves it to the identity policies', { AWS: '000000000000' }, false],
    ['another role', { AWS: 'arn:aws:iam::000000000000:role/other' }, false],
    ['a service', { Service: 'lambda.amazonaws.com' }, false],
  ])('without an identity policy, by a resource policy that names %s', (_title, Principal, expected) => {
    expect(allowed(send, { identity: [], resource: resource({ ...allow, Principal }) })).toBe(expected)
  })

  it('is denied by a Deny that names its account', () => {
    const policy = resource({ ...deny, Principal: { AWS: 'arn:aws:iam::000000000000:root' } })
    expect(allowed(send, { identity: identity(allow), resource: policy })).toBe(false)
  })
})

describe('a key, whose policy must allow', () => {
  const key = 'arn:aws:kms:eu-west-1:000000000000:key/1'
  const decrypt = { principal: role, action: 'kms:Decrypt', resource: key, conditions: {} } as const
  const own = identity({ Effect: 'Allow', Action: 'kms:Decrypt', Resource: key })
  const keyPolicy = (AWS: string) =>
    resource({ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS } })
  const account = keyPolicy('arn:aws:iam::000000000000:root')

  it('can be used by a role of the account that its policy names, with an identity policy', () => {
    expect(allowed(decrypt, { identity: own, resource: account, resourceMustAllow: true })).toBe(true)
    expect(evaluate(decrypt, { identity: [], resource: account, resourceMustAllow: true })).toEqual({
      allowed: false,
      reason: 'no identity-based policy allows',
    })
  })

  it('cannot be used by a role whose account its policy does not name', () => {
    expect(evaluate(decrypt, { identity: own, resource: undefined, resourceMustAllow: true })).toEqual({
      allowed: false,
      reason: 'no resource-based policy allows',
    })
  })

  it('can be used without an identity policy by a role that its policy names', () => {
    const policy = keyPolicy(role.roleArn)
    expect(allowed(decrypt, { identity: [], resource: policy, resourceMustAllow: true })).toBe(true)
  })
})

describe('a service', () => {
  const notification = {
    service: 's3.amazonaws.com',
    action: 'sqs:SendMessage',
    resource: queue,
    sourceArn: 'arn:aws:s3:::inbox',
    sourceAccount: '000000000000',
  }
  const policy = resource(
    {
      ...deny,
      Action: 'sqs:*',
      Principal: { AWS: '*' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      ...allow,
      Principal: { Service: 's3.amazonaws.com' },
      Condition: {
        ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::in*' },
        StringEquals: { 'aws:SourceAccount': '000000000000' },
      },
    },
  )

  it('may do what the policy of the resource allows to it from this source', () => {
    expect(evaluateResourcePolicy(notification, policy).allowed).toBe(true)
  })

  it.each([
    ['from another source', { sourceArn: 'arn:aws:s3:::outbox' }],
    ['from another account', { sourceAccount: '111111111111' }],
    ['as another service', { service: 'sns.amazonaws.com' }],
    ['on another resource', { resource: `${queue}-dlq` }],
  ])('may not %s', (_title, change) => {
    expect(evaluateResourcePolicy({ ...notification, ...change }, policy).allowed).toBe(false)
  })

  it('may do nothing without a policy', () => {
    expect(evaluateResourcePolicy(notification, undefined)).toEqual({
      allowed: false,
      reason: 'no resource-based policy allows',
    })
  })

  it('may invoke a function by its permissions', () => {
    const functionArn = 'arn:aws:lambda:eu-west-1:000000000000:function:http'
    const permissions = lambdaResourcePolicy('http', [
      {
        action: 'lambda:InvokeFunction',
        functionArn,
        principal: 'apigateway.amazonaws.com',
        sourceArn: 'arn:aws:execute-api:eu-west-1:000000000000:abc/*',
      },
    ])
    const invoke = (sourceArn: string) =>
      evaluateResourcePolicy(
        {
          service: 'apigateway.amazonaws.com',
          action: 'lambda:InvokeFunction',
          resource: functionArn,
          sourceArn,
          sourceAccount: '000000000000',
        },
        permissions,
      ).allowed
    expect(invoke('arn:aws:execute-api:eu-west-1:000000000000:abc/$default/GET/things')).toBe(true)
    expect(invoke('arn:aws:execute-api:eu-west-1:000000000000:other/$default/GET/things')).toBe(false)
  })

  it('may assume a role that trusts it', () => {
    const trust = parsePolicy(
      {
        Statement: {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'scheduler.amazonaws.com' },
        },
      },
      'trust',
      'worker',
    )
    const assume = (service: string) =>
      evaluateTrust({ service, roleArn: role.roleArn, sourceArn: '', sourceAccount: '' }, trust).allowed
    expect(assume('scheduler.amazonaws.com')).toBe(true)
    expect(assume('lambda.amazonaws.com')).toBe(false)
  })
})

describe('a policy that is not understood', () => {
  it.each<[string, object]>([
    ['another version', { Version: '2008-10-17', Statement: [allow] }],
    ['no statement', { Statement: [] }],
    ['an unknown element', { Statement: [allow], Extra: 1 }],
    ['an unknown element of a statement', { Statement: [{ ...allow, Conditions: {} }] }],
    ['an unknown effect', { Statement: [{ ...allow, Effect: 'allow' }] }],
    ['no action', { Statement: [{ Effect: 'Allow', Resource: '*' }] }],
    ['both Action and NotAction', { Statement: [{ ...allow, NotAction: 'sqs:*' }] }],
    ['an action without a service', { Statement: [{ ...allow, Action: 'SendMessage' }] }],
    ['no resource', { Statement: [{ Effect: 'Allow', Action: 'sqs:*' }] }],
    ['a resource that is no ARN', { Statement: [{ ...allow, Resource: 'arn:aws:sqs:*' }] }],
    ['an empty list', { Statement: [{ ...allow, Resource: [] }] }],
    ['an intrinsic function', { Statement: [{ ...allow, Resource: { Ref: 'Queue' } }] }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is IAM's syntax
    ['a policy variable', { Statement: [{ ...allow, Resource: 'arn:aws:s3:::${aws:username}' }] }],
    ['a principal', { Statement: [{ ...allow, Principal: '*' }] }],
  ])('is an error: %s', (_title, document) => {
    expect(() => parsePolicy(document, 'identity', 'WorkerPolicy')).toThrow(/^WorkerPolicy/)
  })

  it.each<[string, object]>([
    ['no principal', allow],
    ['NotPrincipal', { ...allow, NotPrincipal: { AWS: '*' } }],
    ['an unknown type of principal', { ...allow, Principal: { CanonicalUser: 'x' } }],
  ])('is an error in a resource policy: %s', (_title, statement) => {
    expect(() => resource(statement)).toThrow(/^JobsPolicy\.Statement\[0]/)
  })
})
