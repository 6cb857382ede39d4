import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * A small cloud for tests, without CDK: an HTTP API stores a thing, the table's stream brings it to a queue, a worker writes it
 * into a bucket, the bucket tells a second queue. Two stacks, the second importing from the first.
 */
export const writeThingsAssembly = (directory: string): void => {
  const write = (file: string, content: object) =>
    writeFileSync(join(directory, file), JSON.stringify(content))
  write('Data.template.json', dataStack)
  write('Code.template.json', codeStack)
  write('Code.assets.json', {
    files: Object.fromEntries(
      Object.keys(handlers).map((name) => [
        name,
        { source: { path: `asset.${name}` }, destinations: { local: { objectKey: `${name}.zip` } } },
      ]),
    ),
  })
  for (const [name, handler] of Object.entries(handlers)) {
    mkdirSync(join(directory, `asset.${name}`))
    writeFileSync(join(directory, `asset.${name}`, 'index.js'), handler)
  }
  write('manifest.json', {
    artifacts: {
      'Code.assets': { type: 'cdk:asset-manifest', properties: { file: 'Code.assets.json' } },
      Code: {
        type: 'aws:cloudformation:stack',
        dependencies: ['Data', 'Code.assets'],
        properties: { templateFile: 'Code.template.json' },
      },
      Data: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Data.template.json' } },
    },
  })
}

const { resolve } = createRequire(import.meta.url)
const sdk = (client: string): string => `require(${JSON.stringify(resolve(`@aws-sdk/client-${client}`))})`

const handlers = {
  api: `
    const { DynamoDBClient, PutItemCommand, ScanCommand } = ${sdk('dynamodb')}
    const client = new DynamoDBClient()
    const TableName = process.env.TABLE_NAME
    exports.handler = async (event) => {
      if (event.routeKey === 'GET /stop') process.exit(1)
      if (event.routeKey === 'GET /things') await client.send(new ScanCommand({ TableName }))
      const { id } = JSON.parse(event.body)
      await client.send(new PutItemCommand({ TableName, Item: { pk: { S: id } } }))
      return { statusCode: 201, body: event.requestContext.authorizer.jwt.claims.sub }
    }`,
  relay: `
    const { SQSClient, SendMessageCommand } = ${sdk('sqs')}
    const client = new SQSClient()
    exports.handler = async (event) => {
      for (const { dynamodb } of event.Records) {
        const MessageBody = dynamodb.Keys.pk.S
        await client.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody }))
      }
    }`,
  work: `
    const { S3Client, PutObjectCommand } = ${sdk('s3')}
    const client = new S3Client({ forcePathStyle: true })
    exports.handler = async (event) => {
      for (const { body } of event.Records) {
        const input = { Bucket: process.env.BUCKET_NAME, Key: 'done/' + body, Body: body }
        await client.send(new PutObjectCommand(input))
      }
      return { batchItemFailures: [] }
    }`,
  clock: `
    exports.handler = async (event) => {
      if (event.fail) throw new Error('failed as asked')
      return event
    }`,
}

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })
const ref = (logicalId: string) => ({ Ref: logicalId })
const imported = (name: string) => ({ 'Fn::ImportValue': `Data:${name}` })
const exported = (name: string, Value: object) => ({ Value, Export: { Name: `Data:${name}` } })
const policy = (...statements: object[]) => ({
  Version: '2012-10-17',
  Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
})

const dataStack = {
  Resources: {
    Things: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    },
    WorkDlq: { Type: 'AWS::SQS::Queue' },
    Work: {
      Type: 'AWS::SQS::Queue',
      Properties: { RedrivePolicy: { deadLetterTargetArn: arn('WorkDlq'), maxReceiveCount: 3 } },
    },
    Done: { Type: 'AWS::SQS::Queue' },
    DonePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref('Done')],
        PolicyDocument: policy({
          Action: 'sqs:SendMessage',
          Principal: { Service: 's3.amazonaws.com' },
          Resource: arn('Done'),
        }),
      },
    },
    Files: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        NotificationConfiguration: {
          QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: arn('Done') }],
        },
      },
    },
    Secrets: { Type: 'AWS::KMS::Key', Properties: {} },
  },
  Outputs: {
    TableName: exported('TableName', ref('Things')),
    TableArn: exported('TableArn', arn('Things')),
    StreamArn: exported('StreamArn', { 'Fn::GetAtt': ['Things', 'StreamArn'] }),
    QueueUrl: exported('QueueUrl', ref('Work')),
    QueueArn: exported('QueueArn', arn('Work')),
    DlqArn: exported('DlqArn', arn('WorkDlq')),
    BucketName: exported('BucketName', ref('Files')),
    BucketArn: exported('BucketArn', arn('Files')),
  },
}

const role = (service: string, ...statements: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: policy({ Action: 'sts:AssumeRole', Principal: { Service: service } }),
    Policies: [{ PolicyName: 'own', PolicyDocument: policy(...statements) }],
  },
})

const lambda = (name: keyof typeof handlers, roleId: string, Variables: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: arn(roleId),
    Timeout: 10,
    MemorySize: 256,
    Environment: { Variables },
  },
})

const route = (RouteKey: string) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId: ref('Api'),
    RouteKey,
    Target: { 'Fn::Join': ['/', ['integrations', ref('Integration')]] },
    AuthorizationType: 'JWT',
    AuthorizerId: ref('Jwt'),
    AuthorizationScopes: ['things:write'],
  },
})

const mapping = (source: object, functionId: string, properties: object = {}) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: source, FunctionName: ref(functionId), ...properties },
})

const consume = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']
const follow = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator']

const codeStack = {
  Parameters: { Issuer: { Type: 'String' } },
  Resources: {
    ApiRole: role('lambda.amazonaws.com', { Action: 'dynamodb:PutItem', Resource: imported('TableArn') }),
    ApiFunction: lambda('api', 'ApiRole', { TABLE_NAME: imported('TableName') }),
    RelayRole: role(
      'lambda.amazonaws.com',
      { Action: follow, Resource: imported('StreamArn') },
      { Action: 'sqs:SendMessage', Resource: imported('QueueArn') },
    ),
    RelayFunction: lambda('relay', 'RelayRole', { QUEUE_URL: imported('QueueUrl') }),
    RelaySource: mapping(imported('StreamArn'), 'RelayFunction', { StartingPosition: 'TRIM_HORIZON' }),
    WorkRole: role(
      'lambda.amazonaws.com',
      { Action: consume, Resource: imported('QueueArn') },
      { Action: 's3:PutObject', Resource: { 'Fn::Join': ['', [imported('BucketArn'), '/done/*']] } },
    ),
    WorkFunction: lambda('work', 'WorkRole', { BUCKET_NAME: imported('BucketName') }),
    WorkSource: mapping(imported('QueueArn'), 'WorkFunction', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
    ClockRole: role('lambda.amazonaws.com', { Action: 'sqs:SendMessage', Resource: imported('DlqArn') }),
    ClockFunction: lambda('clock', 'ClockRole'),
    ClockRuns: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: ref('ClockFunction'),
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: imported('DlqArn') } },
      },
    },
    ScheduleRole: role('scheduler.amazonaws.com', {
      Action: 'lambda:InvokeFunction',
      Resource: arn('ClockFunction'),
    }),
    Nightly: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        FlexibleTimeWindow: { Mode: 'OFF' },
        ScheduleExpression: 'cron(0 3 * * ? *)',
        Target: {
          Arn: arn('ClockFunction'),
          RoleArn: arn('ScheduleRole'),
          Input: '{"at":"<aws.scheduler.scheduled-time>"}',
        },
      },
    },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'things', ProtocolType: 'HTTP' } },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: ref('Api'), StageName: '$default', AutoDeploy: true },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: ref('Api'),
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: arn('ApiFunction'),
        PayloadFormatVersion: '2.0',
      },
    },
    Jwt: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: ref('Api'),
        Name: 'jwt',
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: ref('Issuer'), Audience: ['things'] },
      },
    },
    Post: route('POST /things'),
    Scan: route('GET /things'),
    Stop: route('GET /stop'),
    MayInvoke: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: arn('ApiFunction'),
        Principal: 'apigateway.amazonaws.com',
        SourceArn: {
          'Fn::Join': ['', ['arn:aws:execute-api:eu-west-1:000000000000:', ref('Api'), '/*']],
        },
      },
    },
  },
  Outputs: {
    Url: {
      Value: {
        'Fn::Join': ['', ['https://', ref('Api'), '.execute-api.', ref('AWS::Region'), '.amazonaws.com']],
      },
    },
  },
}
