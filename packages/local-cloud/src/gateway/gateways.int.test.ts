import {
  DescribeTableCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { DecryptCommand, EncryptCommand, GenerateRandomCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { type DynamoDbEngine, startDynamoDb } from '../engines/dynamodb.ts'
import { freePort } from '../engines/free-port.ts'
import { createKms } from '../engines/kms.ts'
import { type SqsEngine, startSqs } from '../engines/sqs.ts'
import { type Policy, parsePolicy } from '../iam/policy.ts'
import type { Door } from './authorize.ts'
import { type CallRecorder, makeCallRecorder } from './call-recorder.ts'
import { dynamoDbService } from './dynamodb-service.ts'
import { type EngineClient, engineClient } from './engine-client.ts'
import type { Interceptor } from './interceptor.ts'
import { kmsService } from './kms-service.ts'
import { makeDoor } from './make-door.ts'
import { makePrincipals, operatorCredentials } from './principals.ts'
import { sqsService } from './sqs-service.ts'
import { type Gateway, startJsonGateway } from './start-json-gateway.ts'

const tables = 'arn:aws:dynamodb:eu-west-1:000000000000:table'
const keyArn = 'arn:aws:kms:eu-west-1:000000000000:key/6f2d1c0e-0000-4000-8000-000000000001'
const { region } = localEnvironment

const interceptors: Interceptor[] = []
let recorder: CallRecorder
let door: Door
const principals = makePrincipals(localEnvironment)
const credentialsFor = principals.add({
  name: 'worker',
  roleArn: 'arn:aws:iam::000000000000:role/worker-role',
  policies: [
    parsePolicy(
      {
        Statement: [
          { Effect: 'Allow', Action: ['dynamodb:PutItem', 'dynamodb:GetItem'], Resource: `${tables}/things` },
          { Effect: 'Allow', Action: 'sqs:*', Resource: 'arn:aws:sqs:eu-west-1:000000000000:jobs*' },
          {
            Effect: 'Allow',
            Action: ['kms:Encrypt', 'kms:Decrypt'],
            Resource: keyArn,
            Condition: { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } },
          },
        ],
      },
      'identity',
      'WorkerPolicy',
    ),
  ],
})
const credentials = credentialsFor('environment-1')

beforeAll(() => {
  const keyPolicy: Policy = parsePolicy(
    {
      Statement: {
        Effect: 'Allow',
        Action: 'kms:*',
        Resource: '*',
        Principal: { AWS: 'arn:aws:iam::000000000000:root' },
      },
    },
    'resource',
    'KeyPolicy',
  )
  recorder = makeCallRecorder()
  door = makeDoor({
    environment: localEnvironment,
    principals,
    recorder,
    resourcePolicyOf: (resource) => (resource === keyArn ? keyPolicy : undefined),
    interceptors,
    killCaller: () => {},
  })
})

afterEach(() => {
  interceptors.length = 0
})

describe('the DynamoDB gateway', () => {
  let engine: DynamoDbEngine
  let upstream: EngineClient
  let gateway: Gateway
  let client: DynamoDBClient
  let operator: DynamoDBClient

  beforeAll(async () => {
    engine = await startDynamoDb()
    await engine.createTables(
      ['things', 'others'].map((tableName) => ({
        logicalId: tableName,
        tableName,
        keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        attributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        globalSecondaryIndexes: [],
        localSecondaryIndexes: [],
      })),
    )
    upstream = engineClient(engine.endpoint, 'dynamodb', region)
    gateway = await startJsonGateway(
      dynamoDbService(upstream, localEnvironment, () => 'pk'),
      door,
    )
    client = new DynamoDBClient({ region, endpoint: gateway.endpoint, credentials, maxAttempts: 1 })
    operator = new DynamoDBClient({ region, endpoint: gateway.endpoint, credentials: operatorCredentials })
  })

  afterAll(async () => {
    client.destroy()
    operator.destroy()
    await gateway.close()
    upstream.close()
    await engine.close()
  })

  it('passes on what the role allows and counts the capacity, which the answer shows only when asked', async () => {
    const put = await client.send(new PutItemCommand({ TableName: 'things', Item: { pk: { S: 'a' } } }))
    expect(put).not.toHaveProperty('ConsumedCapacity')
    const got = await client.send(
      new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'a' } }, ReturnConsumedCapacity: 'TOTAL' }),
    )
    expect(got).toMatchObject({ Item: { pk: { S: 'a' } }, ConsumedCapacity: { CapacityUnits: 0.5 } })
    expect(recorder.recent().slice(-2)).toMatchObject([
      { principal: 'worker', operation: 'PutItem', consumedCapacity: [{ table: 'things', units: 1 }] },
      { principal: 'worker', operation: 'GetItem', consumedCapacity: [{ table: 'things', units: 0.5 }] },
    ])
  })

  it('refuses a transaction of which one element is not allowed, and nothing of it happens', async () => {
    const put = (TableName: string) => ({ Put: { TableName, Item: { pk: { S: 'transacted' } } } })
    await expect(
      client.send(new TransactWriteItemsCommand({ TransactItems: [put('things'), put('others')] })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`perform: dynamodb:PutItem on resource: ${tables}/others because`),
    })
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'transacted' } } }),
    )
    expect(Item).toBeUndefined()
  })

  it('passes the errors of the engine on', async () => {
    const again = new PutItemCommand({
      TableName: 'things',
      Item: { pk: { S: 'once' } },
      ConditionExpression: 'attribute_not_exists(pk)',
    })
    await client.send(again)
    await expect(client.send(again)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
    expect(recorder.recent().at(-1)).toMatchObject({ errorCode: 'ConditionalCheckFailedException' })
  })

  it('does not offer PartiQL, not even to the operator', async () => {
    await expect(
      operator.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM "others"' })),
    ).rejects.toMatchObject({ name: 'UnknownOperationException' })
  })

  it("tells the environment's ARNs", async () => {
    const { Table } = await operator.send(new DescribeTableCommand({ TableName: 'things' }))
    expect(Table?.TableArn).toBe(`${tables}/things`)
  })

  it('refuses a caller whom it does not know', async () => {
    const stranger = new DynamoDBClient({
      region,
      endpoint: gateway.endpoint,
      credentials: { accessKeyId: 'LOCALSTRANGER', secretAccessKey: 'x' },
    })
    await expect(
      stranger.send(new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'a' } } })),
    ).rejects.toMatchObject({ name: 'UnrecognizedClientException' })
    stranger.destroy()
  })

  it('applies the effect when only the answer is lost', async () => {
    interceptors.push({ after: async () => ({ kind: 'hang up' }) })
    const item = { pk: { S: 'answer-lost' } }
    await expect(client.send(new PutItemCommand({ TableName: 'things', Item: item }))).rejects.toThrow()
    interceptors.length = 0
    expect((await client.send(new GetItemCommand({ TableName: 'things', Key: item }))).Item).toEqual(item)
  })

  it('tells injected errors with their details', async () => {
    const details = { CancellationReasons: [{ Code: 'TransactionConflict' }] }
    const fault = {
      status: 400,
      code: 'TransactionCanceledException',
      message: 'Transaction cancelled',
      details,
    }
    interceptors.push({ before: async () => ({ kind: 'fail', fault }) })
    const Put = { TableName: 'things', Item: { pk: { S: 'a' } } }
    await expect(
      client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] })),
    ).rejects.toMatchObject({ name: 'TransactionCanceledException', ...details })
  })
})

describe('the SQS gateway', () => {
  let engine: SqsEngine
  let upstream: EngineClient
  let gateway: Gateway
  let client: SQSClient
  let QueueUrl: string

  beforeAll(async () => {
    const queue = (queueName: string) => ({
      logicalId: queueName,
      queueName,
      fifo: false,
      visibilityTimeoutSeconds: 30,
      attributes: {},
    })
    engine = await startSqs(localEnvironment)
    await engine.createQueues([queue('jobs'), queue('others')])
    const port = await freePort()
    upstream = engineClient(engine.endpoint, 'sqs', region)
    gateway = await startJsonGateway(
      sqsService(upstream, localEnvironment, `http://127.0.0.1:${port}`),
      door,
      { port },
    )
    client = new SQSClient({ region, endpoint: gateway.endpoint, credentials, maxAttempts: 1 })
    QueueUrl = `${gateway.endpoint}/000000000000/jobs`
  })

  afterAll(async () => {
    client.destroy()
    await gateway.close()
    upstream.close()
    await engine.close()
  })

  const receive = async (names: {
    MessageAttributeNames?: string[]
    MessageSystemAttributeNames?: ['All']
  }) => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10, ...names }),
    )
    return Messages
  }
  const trace = {
    AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
  }

  it('has its own queue URLs', async () => {
    const found = await client.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))
    expect(found.QueueUrl).toBe(QueueUrl)
    const operator = new SQSClient({ region, endpoint: gateway.endpoint, credentials: operatorCredentials })
    const { QueueUrls } = await operator.send(new ListQueuesCommand({}))
    expect(QueueUrls).toEqual([QueueUrl, QueueUrl.replace('jobs', 'others')])
    operator.destroy()
  })

  it('carries the trace header as a system attribute, seen only by those who ask', async () => {
    const send = { QueueUrl, MessageSystemAttributes: trace }
    await client.send(new SendMessageCommand({ ...send, MessageBody: 'asked' }))
    expect(await receive({ MessageSystemAttributeNames: ['All'] })).toMatchObject([
      { Body: 'asked', Attributes: { AWSTraceHeader: trace.AWSTraceHeader.StringValue } },
    ])
    await client.send(new SendMessageCommand({ ...send, MessageBody: 'not asked' }))
    const [message] = await receive({ MessageAttributeNames: ['All'] })
    expect(message).not.toHaveProperty('Attributes')
    expect(message).not.toHaveProperty('MessageAttributes')
  })

  it('keeps the digests of what the sender sent, in batches, too', async () => {
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'order' },
      raw: { DataType: 'Binary', BinaryValue: Buffer.from('bytes') },
    }
    const direct = new SQSClient({
      region,
      endpoint: engine.endpoint,
      credentials,
      useQueueUrlAsEndpoint: false,
    })
    const plain = await direct.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageAttributes }))
    direct.destroy()
    const { Successful } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [{ Id: '1', MessageBody: 'b', MessageAttributes, MessageSystemAttributes: trace }],
      }),
    )
    expect(Successful?.[0]?.MD5OfMessageAttributes).toBe(plain.MD5OfMessageAttributes)
    expect(Successful?.[0]?.MD5OfMessageSystemAttributes).toMatch(/^[0-9a-f]{32}$/)
    const received = await receive({ MessageAttributeNames: ['All'] })
    expect(received.map((message) => Object.keys(message.MessageAttributes ?? {}))).toEqual([
      ['kind', 'raw'],
      ['kind', 'raw'],
    ])
    expect(received.map((message) => message.MD5OfMessageAttributes)).toEqual([
      plain.MD5OfMessageAttributes,
      plain.MD5OfMessageAttributes,
    ])
  })

  it('gives a receiver the message attributes that it asked for', async () => {
    const MessageAttributes = Object.fromEntries(
      ['a', 'b.one', 'b.two'].map((name) => [name, { DataType: 'String', StringValue: name }]),
    )
    const namesOf = async (MessageAttributeNames?: string[]) => {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes }))
      const [message] = await receive(MessageAttributeNames ? { MessageAttributeNames } : {})
      return Object.keys(message?.MessageAttributes ?? {})
    }
    expect(await namesOf()).toEqual([])
    expect(await namesOf(['a'])).toEqual(['a'])
    expect(await namesOf(['b.*'])).toEqual(['b.one', 'b.two'])
  })

  it('refuses with AccessDenied what the role does not allow', async () => {
    await expect(
      client.send(new SendMessageCommand({ QueueUrl: QueueUrl.replace('jobs', 'others'), MessageBody: 'x' })),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      $response: { headers: { 'x-amzn-query-error': 'AccessDenied;Sender' } },
    })
  })
})

describe('the KMS gateway', () => {
  let gateway: Gateway
  let client: KMSClient

  beforeAll(async () => {
    const id = keyArn.slice(keyArn.indexOf('/') + 1)
    gateway = await startJsonGateway(
      kmsService(createKms({ keys: [{ id, arn: keyArn, spec: 'SYMMETRIC_DEFAULT' }] })),
      door,
    )
    client = new KMSClient({ region, endpoint: gateway.endpoint, credentials, maxAttempts: 1 })
  })

  afterAll(async () => {
    client.destroy()
    await gateway.close()
  })

  it('has the encryption context for conditions', async () => {
    const encrypt = (tenant: string) =>
      client.send(
        new EncryptCommand({
          KeyId: keyArn,
          Plaintext: Buffer.from('secret'),
          EncryptionContext: { tenant },
        }),
      )
    const { CiphertextBlob } = await encrypt('a')
    const { Plaintext } = await client.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: { tenant: 'a' } }),
    )
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('secret')
    await expect(encrypt('b')).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  it('leaves it to KMS to say that a key does not exist', async () => {
    await expect(
      client.send(new EncryptCommand({ KeyId: 'alias/none', Plaintext: Buffer.from('x') })),
    ).rejects.toMatchObject({ name: 'NotFoundException' })
  })

  it('does not offer what it does not know', async () => {
    await expect(client.send(new GenerateRandomCommand({ NumberOfBytes: 8 }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'The local cloud does not offer kms:GenerateRandom',
    })
  })
})
