import { describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { readCloudTemplate } from './cloud-template.ts'
import { inMemoryAssembly } from './in-memory-assembly.ts'
import type { TemplateResource } from './load-assembly.ts'
import { resolveAssembly } from './resolve-assembly.ts'

const read = (Resources: Record<string, TemplateResource>) =>
  readCloudTemplate(
    resolveAssembly(inMemoryAssembly({ App: { Resources } }, { 'abc.zip': '/assembly/asset.abc' }), {
      environment: localEnvironment,
      addresses: { sqs: 'http://127.0.0.1:9324', httpApi: () => 'http://127.0.0.1:8080' },
    }),
    localEnvironment,
  )

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })
const document = (action: string, principal: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*', ...principal }],
})
const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
}
const tags = [{ Key: 'stage', Value: 'dev' }]

describe('what is not known', () => {
  it.each([
    [
      'a resource type',
      { Topic: { Type: 'AWS::SNS::Topic' } },
      'App.Topic (AWS::SNS::Topic): the type is not known to the local cloud',
    ],
    [
      'a property',
      { Work: { Type: 'AWS::SQS::Queue', Properties: { Colour: 'red' } } },
      'App.Work (AWS::SQS::Queue): property Colour is not known to the local cloud',
    ],
    [
      'a nested property',
      {
        Things: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH', Colour: 'red' }],
            AttributeDefinitions: [],
          },
        },
      },
      'App.Things (AWS::DynamoDB::Table): KeySchema.0: property Colour is not known',
    ],
    [
      'a value',
      { Key: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'RSA_2048' } } },
      'App.Key (AWS::KMS::Key): property KeySpec is RSA_2048; known here: SYMMETRIC_DEFAULT, HMAC_256',
    ],
    [
      'a second region of a table',
      {
        Things: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: { Replicas: [{ Region: 'eu-west-1' }, { Region: 'us-east-1' }] },
        },
      },
      'names several regions',
    ],
  ])('%s stops the start and is named', (_, resources, message) => {
    expect(() => read(resources)).toThrow(message)
  })
})

it('reads tables with indexes, stream and time to live', () => {
  const { tables } = read({
    Things: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        TableName: 'things',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byKind',
            KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['colour'] },
          },
        ],
        Replicas: [
          { Region: { Ref: 'AWS::Region' }, GlobalSecondaryIndexes: [{ IndexName: 'byKind' }], Tags: tags },
        ],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        SSESpecification: { SSEEnabled: false },
      },
    },
  })

  expect(tables).toEqual([
    {
      logicalId: 'Things',
      tableName: 'things',
      keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      attributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      globalSecondaryIndexes: [
        {
          IndexName: 'byKind',
          KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['colour'] },
        },
      ],
      localSecondaryIndexes: [],
      streamViewType: 'NEW_IMAGE',
      timeToLiveAttribute: 'ttl',
    },
  ])
})

it('reads queues with their dead-letter queues and policies', () => {
  const { queues, queuePolicies } = read({
    Dlq: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dlq.fifo', FifoQueue: 'true' } },
    Work: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'work.fifo',
        FifoQueue: true,
        ContentBasedDeduplication: true,
        VisibilityTimeout: 120,
        RedrivePolicy: { deadLetterTargetArn: arn('Dlq'), maxReceiveCount: 5 },
        SqsManagedSseEnabled: true,
        Tags: tags,
      },
    },
    Policy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { Queues: [{ Ref: 'Work' }], PolicyDocument: document('sqs:*', { Principal: '*' }) },
    },
  })

  expect(queues[1]).toEqual({
    logicalId: 'Work',
    queueName: 'work.fifo',
    fifo: true,
    visibilityTimeoutSeconds: 120,
    redrive: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:dlq.fifo', maxReceiveCount: 5 },
    attributes: {
      VisibilityTimeout: '120',
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dlq.fifo","maxReceiveCount":5}',
    },
  })
  expect(queuePolicies[0]?.on).toEqual(['http://127.0.0.1:9324/000000000000/work.fifo'])
})

describe('buckets', () => {
  const queue = { Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } } }
  const expected = {
    events: ['s3:ObjectCreated:*'],
    prefix: 'in/',
    queueArn: 'arn:aws:sqs:eu-west-1:000000000000:work',
  }

  it('have their own notifications, versioning and CORS', () => {
    const { buckets } = read({
      ...queue,
      Files: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: 'files',
          VersioningConfiguration: { Status: 'Enabled' },
          CorsConfiguration: { CorsRules: [{ AllowedMethods: ['POST'], AllowedOrigins: ['*'], MaxAge: 60 }] },
          LifecycleConfiguration: { Rules: [] },
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                Event: 's3:ObjectCreated:*',
                Queue: arn('Work'),
                Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'in/' }] } },
              },
            ],
          },
        },
      },
    })

    expect(buckets).toEqual([
      {
        logicalId: 'Files',
        bucket: {
          name: 'files',
          versioning: true,
          cors: [
            {
              allowedOrigins: ['*'],
              allowedMethods: ['POST'],
              allowedHeaders: [],
              exposedHeaders: [],
              maxAge: 60,
            },
          ],
        },
        notifications: [expected],
      },
    ])
  })

  it('have those of CDK’s custom resource, whose function, role and policy are not deployed', () => {
    const template = read({
      ...queue,
      Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
      Notifications: {
        Type: 'Custom::S3BucketNotifications',
        Properties: {
          ServiceToken: arn('Handler'),
          BucketName: { Ref: 'Files' },
          Managed: true,
          SkipDestinationValidation: false,
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                Events: ['s3:ObjectCreated:*'],
                QueueArn: arn('Work'),
                Filter: { Key: { FilterRules: [{ Name: 'Prefix', Value: 'in/' }] } },
              },
            ],
          },
        },
      },
      Handler: {
        Type: 'AWS::Lambda::Function',
        Properties: { Code: { ZipFile: '...' }, Role: arn('HandlerRole') },
      },
      HandlerRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } },
      HandlerPolicy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'p',
          PolicyDocument: document('s3:GetObject'),
          Roles: [{ Ref: 'HandlerRole' }],
        },
      },
    })

    expect(template.buckets[0]?.notifications).toEqual([expected])
    expect(template.functions).toEqual([])
    expect(template.roles).toEqual([])
  })
})

it('reads functions with the directory of their bundle', () => {
  const { functions } = read({
    Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'role', AssumeRolePolicyDocument: trust } },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'logs', RetentionInDays: 7 } },
    Run: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'run',
        Architectures: ['arm64'],
        Code: { S3Bucket: 'assets', S3Key: 'abc.zip' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: arn('Role'),
        Timeout: 28,
        MemorySize: 512,
        ReservedConcurrentExecutions: 0,
        LoggingConfig: { LogGroup: { Ref: 'Logs' }, LogFormat: 'JSON' },
        Environment: { Variables: { PORT: 80, STAGE: 'dev' } },
      },
    },
  })

  expect(functions).toEqual([
    {
      logicalId: 'Run',
      name: 'run',
      arn: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
      roleArn: 'arn:aws:iam::000000000000:role/role',
      codeDirectory: '/assembly/asset.abc',
      handler: 'index.handler',
      environment: { PORT: '80', STAGE: 'dev' },
      timeoutSeconds: 28,
      memoryMegabytes: 512,
      reservedConcurrency: 0,
      logFormat: 'JSON',
      logGroupName: 'logs',
    },
  ])
})

it('gathers every policy of a role: its own, attached ones and managed ones', () => {
  const { roles } = read({
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'role',
        AssumeRolePolicyDocument: trust,
        Policies: [{ PolicyName: 'own', PolicyDocument: document('s3:GetObject') }],
        ManagedPolicyArns: [
          { Ref: 'Managed' },
          'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
        ],
      },
    },
    Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document('s3:GetObject') } },
    Attached: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'attached',
        PolicyDocument: document('s3:GetObject'),
        Roles: [{ Ref: 'Role' }],
      },
    },
    Other: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'other', PolicyDocument: document('s3:GetObject'), Roles: ['somebody'] },
    },
  })

  expect(roles[0]?.policies.map(({ name }) => name)).toEqual(['Role/own', 'Managed', 'Attached'])
})

it('reads event source mappings of queues and streams', () => {
  const { eventSourceMappings } = read({
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/things/stream/x',
        FunctionName: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
        BatchSize: 100,
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failures' } },
        ScalingConfig: { MaximumConcurrency: 5 },
      },
    },
  })

  expect(eventSourceMappings).toEqual([
    {
      logicalId: 'Mapping',
      eventSourceArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/things/stream/x',
      functionName: 'run',
      enabled: true,
      reportsBatchItemFailures: true,
      filterCriteria: ['{"eventName":["INSERT"]}'],
      batchSize: 100,
      maximumRetryAttempts: 10,
      maximumConcurrency: 5,
      startingPosition: 'TRIM_HORIZON',
      bisectBatchOnFunctionError: true,
      onFailureArn: 'arn:aws:s3:::failures',
    },
  ])
})

it('reads schedules with what the Scheduler does when they fail', () => {
  const { schedules } = read({
    Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'group' } },
    Nightly: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Name: 'nightly',
        GroupName: { Ref: 'Group' },
        FlexibleTimeWindow: { Mode: 'OFF' },
        ScheduleExpression: 'cron(10 0 * * ? *)',
        State: 'DISABLED',
        Target: {
          Arn: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
          RoleArn: 'arn:aws:iam::000000000000:role/role',
          Input: '{}',
          RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 10 },
          DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:000000000000:dlq' },
        },
      },
    },
  })

  expect(schedules).toEqual([
    {
      logicalId: 'Nightly',
      name: 'nightly',
      arn: 'arn:aws:scheduler:eu-west-1:000000000000:schedule/group/nightly',
      enabled: false,
      expression: 'cron(10 0 * * ? *)',
      timeZone: 'UTC',
      targetArn: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
      roleArn: 'arn:aws:iam::000000000000:role/role',
      input: '{}',
      maximumEventAgeInSeconds: 300,
      maximumRetryAttempts: 10,
      deadLetterArn: 'arn:aws:sqs:eu-west-1:000000000000:dlq',
    },
  ])
})

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
    const { httpApis } = read({
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
    expect(() => read({ ...api, Closed: route({ AuthorizationType: 'JWT' }) })).toThrow(
      'App.Closed (AWS::ApiGatewayV2::Route): property AuthorizerId names no authorizer of this API',
    )
  })
})

it('accepts what has no effect here only as the coverage table says', () => {
  const template = read({
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Anything: true } },
    Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'x' } },
  })

  expect(Object.values(template).flatMap((list) => Object.values(list))).toEqual([])
})
