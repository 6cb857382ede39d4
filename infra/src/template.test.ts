import { readFileSync } from 'node:fs'
import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, it } from 'vitest'
import { apiOperations } from './openapi-document.ts'

/** The templates that deploy, as `pnpm synth` wrote them: what these tests read is what CloudFormation gets. */
const templates = ['Stateful', 'Stateless'].map((stack) =>
  Template.fromJSON(
    JSON.parse(
      readFileSync(new URL(`../cdk.out/Stockroom-dev-${stack}.template.json`, import.meta.url), 'utf8'),
    ),
  ),
)
const ofType = (type: string) =>
  templates.flatMap((template) =>
    Object.entries(template.findResources(type)).map(([id, { Properties = {} }]) => ({ id, Properties })),
  )
const named = (type: string, part: string) => {
  const found = ofType(type).find(({ id }) => id.includes(part))
  if (found === undefined) throw new Error(`no ${type} whose id holds ${part}`)
  return found
}

describe('queues', () => {
  const queues = ofType('AWS::SQS::Queue')
  const working = queues.filter(({ id }) => !id.includes('Dlq'))

  it.each(working.map((queue) => [queue.id, queue]))(
    '%s has a dead-letter queue and at least 5 receives',
    (_, queue) => {
      const policy = queue.Properties.RedrivePolicy
      expect(policy.maxReceiveCount).toBeGreaterThanOrEqual(5)
      const dlq = queues.find(({ id }) => id === policy.deadLetterTargetArn['Fn::GetAtt'][0])
      expect(dlq?.Properties.FifoQueue).toBe(queue.Properties.FifoQueue)
      expect(dlq?.Properties.MessageRetentionPeriod).toBe(14 * 24 * 3_600)
    },
  )

  it('hide a message for six times the timeout of its consumer', () => {
    for (const [queue, consumer] of [
      ['QueuesUploads', 'PlanUpload'],
      ['QueuesChunks', 'ImportChunk'],
      ['QueuesEvents', 'FanOutEvent'],
      ['QueuesWebhookDeliveries', 'DeliverWebhook'],
    ] as const) {
      const source = working.find(({ id }) => id.startsWith(queue))
      const { Timeout } = named('AWS::Lambda::Function', consumer).Properties
      expect(source?.Properties.VisibilityTimeout, queue).toBeGreaterThanOrEqual(6 * Timeout)
    }
  })

  it('let a chunk come back more often than the pace of one partition asks for', () => {
    const chunks = working.find(({ id }) => id.startsWith('QueuesChunks'))
    const { Timeout } = named('AWS::Lambda::Function', 'ImportChunk').Properties
    // 10,000 skus at 2 write units in a transaction, ten chunks at once, 1,000 units a second (DynamoDB guide, "bp-partition-key-design").
    const turns = (10_000 * 2 * 10) / 1_000 / Timeout
    expect(chunks?.Properties.RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(2 * turns)
  })

  it('take messages over TLS only, and bucket notifications of this account only', () => {
    const policies = ofType('AWS::SQS::QueuePolicy')
    expect(policies).toHaveLength(queues.length)
    for (const { Properties } of policies) {
      const statements: { Effect: string; Principal: unknown; Condition: Record<string, unknown> }[] =
        Properties.PolicyDocument.Statement
      expect(statements[0]).toMatchObject({
        Effect: 'Deny',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      })
      for (const allow of statements.slice(1))
        expect(allow.Condition).toMatchObject({
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        })
    }
  })
})

describe('functions', () => {
  it('have a whole processor where a timeout counts on one', () => {
    expect(named('AWS::Lambda::Function', 'PlanUpload').Properties.MemorySize).toBeGreaterThanOrEqual(1_769)
  })
})

describe('event sources', () => {
  const mappings = ofType('AWS::Lambda::EventSourceMapping')

  it.each(mappings.map((mapping) => [mapping.id, mapping]))(
    '%s reports the items that failed',
    (_, mapping) => {
      expect(mapping.Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures'])
    },
  )

  it('read the stream from its oldest record, bisect, end, and park the records', () => {
    expect(named('AWS::Lambda::EventSourceMapping', 'RelayOutbox').Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      ParallelizationFactor: 1,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: expect.toSatisfy((n: number) => n > 0),
      MaximumRecordAgeInSeconds: expect.toSatisfy((n: number) => n > 0 && n < 24 * 3_600),
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::ImportValue': expect.stringContaining('BucketsFailures') } },
      },
    })
  })

  it('are held back by the poller and not by reserved concurrency', () => {
    for (const { id, Properties } of mappings)
      if (Properties.StartingPosition === undefined)
        expect(Properties.ScalingConfig?.MaximumConcurrency, id).toBeGreaterThan(1)
    for (const { Properties } of ofType('AWS::Lambda::Function'))
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions')
  })

  it.each(ofType('AWS::Scheduler::Schedule').map((schedule) => [schedule.id, schedule]))(
    '%s passes the time it was due, retries for a bounded time and has a dead-letter queue',
    (_, { Properties: { Target } }) => {
      expect(JSON.parse(Target.Input)).toEqual({ scheduledAt: '<aws.scheduler.scheduled-time>' })
      expect(Target.DeadLetterConfig.Arn).toBeDefined()
      expect(Target.RetryPolicy.MaximumEventAgeInSeconds).toBeLessThan(86_400)
    },
  )
})

describe('scheduled runs', () => {
  const targets = ofType('AWS::Scheduler::Schedule').map(
    ({ Properties }): string => Properties.Target.Arn['Fn::GetAtt'][0],
  )
  const configs = ofType('AWS::Lambda::EventInvokeConfig')

  it('go by UTC, which knows no change of the clocks', () => {
    const zones = ofType('AWS::Scheduler::Schedule').map(
      ({ Properties }) => Properties.ScheduleExpressionTimezone,
    )
    expect(new Set(zones)).toEqual(new Set(['UTC']))
  })

  it.each(targets)('of %s that fail every time are parked, and its role may park them', (target) => {
    const config = configs.find(({ Properties }) => Properties.FunctionName.Ref === target)
    expect(config?.Properties).toMatchObject({ Qualifier: '$LATEST', MaximumRetryAttempts: 2 })
    expect(config?.Properties.MaximumEventAgeInSeconds).toBeGreaterThanOrEqual(300)
    const destination = config?.Properties.DestinationConfig.OnFailure.Destination
    expect(JSON.stringify(destination)).toContain('QueuesRunsDlq')
    const { Role } = named('AWS::Lambda::Function', target).Properties
    const policy = ofType('AWS::IAM::Policy').find(
      ({ Properties }) => Properties.Roles[0].Ref === Role['Fn::GetAtt'][0],
    )
    const statements: { Action: string; Resource: unknown }[] = policy?.Properties.PolicyDocument.Statement
    const mayPark = statements.filter(({ Action }) => Action === 'sqs:SendMessage')
    expect(mayPark.flatMap(({ Resource }) => Resource)).toContainEqual(destination)
  })

  it('can be called again by the names among the outputs', () => {
    const named = templates.flatMap((template) =>
      Object.entries(template.findOutputs('*')).flatMap(([name, { Value }]) =>
        name.endsWith('FunctionName') ? [Value.Ref] : [],
      ),
    )
    expect(named.toSorted()).toEqual(targets.toSorted())
  })
})

describe('rights', () => {
  interface Statement {
    readonly Effect: string
    readonly Action: string | string[]
    readonly Resource: unknown
  }
  const statements = ofType('AWS::IAM::Policy').flatMap(({ id, Properties }) =>
    (Properties.PolicyDocument.Statement as Statement[]).map((statement) => ({ id, ...statement })),
  )
  const actionsOf = (part: string) =>
    statements.filter(({ id }) => id.includes(part)).flatMap(({ Action }) => [Action].flat())

  it('hold no wildcard action and no resource of everything', () => {
    for (const { id, Action, Resource } of statements) {
      expect(
        [Action].flat().filter((action) => action.includes('*')),
        id,
      ).toEqual([])
      expect(Resource, id).not.toBe('*')
    }
  })

  it('use no managed policy: each has statements of its own', () => {
    for (const { id, Properties } of ofType('AWS::IAM::Role')) {
      expect(Properties, id).not.toHaveProperty('ManagedPolicyArns')
    }
    expect(ofType('AWS::IAM::Role')).toHaveLength(ofType('AWS::IAM::Policy').length)
  })

  it('keep apart who may do what', () => {
    const http = actionsOf('FunctionsHttp')
    expect(http.filter((action) => action.startsWith('sqs:'))).toEqual([])
    expect(http).not.toContain('kms:Decrypt')
    expect(actionsOf('FunctionsDeliverWebhook')).not.toContain('kms:Encrypt')
    expect(actionsOf('FunctionsRelayOutbox')).not.toContain('dynamodb:PutItem')
    // It stores deliveries and moves cursors; what becomes of them, and of endpoints, others write.
    expect(actionsOf('FunctionsFanOutEvent')).not.toContain('dynamodb:UpdateItem')
    expect(statements.flatMap(({ Action }) => Action)).not.toContain('dynamodb:Scan')
  })
})

describe('the HTTP API', () => {
  it('has one route for each operation of the API, with its scopes, and $default', () => {
    const routes = ofType('AWS::ApiGatewayV2::Route').map(({ Properties }) => [
      Properties.RouteKey,
      Properties.AuthorizationType,
      Properties.AuthorizationScopes ?? [],
    ])
    const expected = apiOperations().map(({ method, path, scopes }) =>
      scopes === 'public' ? [`${method} ${path}`, 'NONE', []] : [`${method} ${path}`, 'JWT', scopes],
    )
    expect(routes).toEqual([...expected, ['$default', 'NONE', []]])
  })

  it('opens nothing but health and its own description', () => {
    const open = ofType('AWS::ApiGatewayV2::Route')
      .filter(({ Properties }) => Properties.AuthorizationType === 'NONE')
      .map(({ Properties }) => Properties.RouteKey)
    expect(open.toSorted()).toEqual(['$default', 'GET /health', 'GET /openapi.json'])
  })
})

describe('data', () => {
  it('stays in buckets that are private, encrypted and TLS only', () => {
    const buckets = ofType('AWS::S3::Bucket')
    for (const { Properties } of buckets) {
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      })
      expect(Properties.BucketEncryption).toBeDefined()
    }
    expect(ofType('AWS::S3::BucketPolicy')).toHaveLength(buckets.length)
  })

  it('tells of new files under their prefix only', () => {
    const { QueueConfigurations } = named('AWS::S3::Bucket', 'Uploads').Properties.NotificationConfiguration
    expect(QueueConfigurations).toMatchObject([
      { Event: 's3:ObjectCreated:*', Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'uploads/' }] } } },
    ])
  })

  it('keeps the versions of a file for as long as a message about it may wait', () => {
    const { VersioningConfiguration, LifecycleConfiguration } = named('AWS::S3::Bucket', 'Uploads').Properties
    expect(VersioningConfiguration).toEqual({ Status: 'Enabled' })
    const [rule] = LifecycleConfiguration.Rules
    expect(rule.NoncurrentVersionExpiration.NoncurrentDays).toBeGreaterThan(14)
  })

  it('is written by us into no bucket whose objects set off an import', () => {
    const watched = ofType('AWS::S3::Bucket').filter(({ Properties }) => Properties.NotificationConfiguration)
    expect(watched.map(({ id }) => id)).toEqual([expect.stringContaining('Uploads')])
    const writers = ofType('AWS::IAM::Policy').filter(({ Properties }) =>
      (Properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown }[]).some(
        ({ Action, Resource }) =>
          [Action].flat().includes('s3:PutObject') && JSON.stringify(Resource).includes('BucketsUploads'),
      ),
    )
    // The API signs the merchants' upload forms and writes nothing itself.
    expect(writers.map(({ id }) => id)).toEqual([expect.stringContaining('FunctionsHttp')])
  })

  it('has no physical name, so that two stages stand side by side', () => {
    const nameOf = {
      'AWS::DynamoDB::GlobalTable': 'TableName',
      'AWS::SQS::Queue': 'QueueName',
      'AWS::S3::Bucket': 'BucketName',
      'AWS::Lambda::Function': 'FunctionName',
      'AWS::IAM::Role': 'RoleName',
      'AWS::Logs::LogGroup': 'LogGroupName',
      'AWS::Scheduler::ScheduleGroup': 'Name',
    }
    for (const [type, property] of Object.entries(nameOf))
      for (const { id, Properties } of ofType(type)) expect(Properties, id).not.toHaveProperty(property)
  })

  it('leaves no log group without an end', () => {
    const functions = ofType('AWS::Lambda::Function')
    const groups = ofType('AWS::Logs::LogGroup')
    for (const { id, Properties } of groups) expect(Properties.RetentionInDays, id).toBeGreaterThan(0)
    for (const { id, Properties } of functions) expect(Properties.LoggingConfig?.LogGroup, id).toBeDefined()
    expect(groups).toHaveLength(functions.length)
  })
})
