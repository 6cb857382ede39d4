import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { systemClock } from '../clock.ts'
import { startDynamoDb } from '../engines/dynamodb.ts'
import { freePort } from '../engines/free-port.ts'
import { createKms } from '../engines/kms.ts'
import { startSqs } from '../engines/sqs.ts'
import { makeCallRecorder } from '../gateway/call-recorder.ts'
import { dynamoDbService } from '../gateway/dynamodb-service.ts'
import { engineClient } from '../gateway/engine-client.ts'
import type { Interceptor } from '../gateway/interceptor.ts'
import { kmsService } from '../gateway/kms-service.ts'
import { makeDoor } from '../gateway/make-door.ts'
import { makePrincipals, operatorCredentials } from '../gateway/principals.ts'
import { serviceSessions } from '../gateway/service-sessions.ts'
import { sqsService } from '../gateway/sqs-service.ts'
import { startJsonGateway } from '../gateway/start-json-gateway.ts'
import { parsePolicy } from '../iam/policy.ts'
import { bucketNamed } from '../s3/s3-test-door.ts'
import { startS3 } from '../s3/start-s3.ts'
import { parseQueue } from '../template/queue.ts'
import { type CallFault, failedEntries } from './call-fault.ts'
import { faultInterceptor } from './fault-interceptor.ts'
import { exactFaultPlan, type FaultPlan } from './fault-plan.ts'

const { region } = localEnvironment
const keyArn = 'arn:aws:kms:eu-west-1:000000000000:key/6f2d1c0e-0000-4000-8000-000000000001'
const everything = { Effect: 'Allow', Action: '*', Resource: '*' }

const interceptors: Interceptor[] = []
const killed: string[] = []
const principals = makePrincipals(localEnvironment)
const recorder = makeCallRecorder()
const credentialsFor = principals.add({
  name: 'worker',
  roleArn: 'arn:aws:iam::000000000000:role/worker-role',
  policies: [parsePolicy({ Statement: [everything] }, 'identity', 'WorkerPolicy')],
})
const keyPolicy = parsePolicy(
  { Statement: { ...everything, Principal: { AWS: 'arn:aws:iam::000000000000:root' } } },
  'resource',
  'KeyPolicy',
)
const door = makeDoor({
  environment: localEnvironment,
  principals,
  recorder,
  resourcePolicyOf: (resource) => (resource === keyArn ? keyPolicy : undefined),
  interceptors,
  killCaller: (name, environmentId) => killed.push(`${name} ${environmentId}`),
})

const closing = new AsyncDisposableStack()
afterAll(() => closing.disposeAsync())

let dynamoDb: DynamoDBClient
let impatientDynamoDb: DynamoDBClient
let operator: DynamoDBClient
let poller: SQSClient
let sqs: SQSClient
let kms: KMSClient
let s3: S3Client
let queueUrl: string

beforeAll(async () => {
  const tables = await startDynamoDb()
  closing.defer(() => tables.close())
  await tables.createTables([
    {
      logicalId: 'things',
      tableName: 'things',
      keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      attributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      globalSecondaryIndexes: [],
      localSecondaryIndexes: [],
    },
  ])
  const tablesClient = engineClient(tables.endpoint, 'dynamodb', region)
  closing.defer(() => tablesClient.close())
  const dynamoDbGateway = await startJsonGateway(
    dynamoDbService(tablesClient, localEnvironment, () => 'pk'),
    door,
  )
  closing.defer(() => dynamoDbGateway.close())

  const queues = await startSqs(localEnvironment)
  closing.defer(() => queues.close())
  await queues.createQueues([
    parseQueue({
      stack: 'Test',
      logicalId: 'Jobs',
      type: 'AWS::SQS::Queue',
      physicalName: 'jobs',
      properties: {},
    }),
  ])
  const queuesClient = engineClient(queues.endpoint, 'sqs', region)
  closing.defer(() => queuesClient.close())
  const port = await freePort()
  const sqsGateway = await startJsonGateway(
    sqsService(queuesClient, localEnvironment, `http://127.0.0.1:${port}`),
    door,
    { port },
  )
  closing.defer(() => sqsGateway.close())
  queueUrl = `${sqsGateway.endpoint}/000000000000/jobs`

  const directory = await mkdtemp(join(tmpdir(), 'fault-test-'))
  closing.defer(() => rm(directory, { recursive: true }))
  const id = keyArn.slice(keyArn.indexOf('/') + 1)
  const keys = createKms({ keys: [{ id, arn: keyArn, spec: 'SYMMETRIC_DEFAULT' }] })
  const kmsGateway = await startJsonGateway(kmsService(keys), door)
  closing.defer(() => kmsGateway.close())

  const objects = await startS3({
    dataDirectory: join(directory, 's3'),
    environment: localEnvironment,
    door,
    clock: systemClock,
    onObjectEvent: () => {},
  })
  closing.defer(() => objects.close())
  objects.createBucket(bucketNamed('files'))

  const common = { region, credentials: credentialsFor('environment-1'), maxAttempts: 3 }
  dynamoDb = new DynamoDBClient({ ...common, endpoint: dynamoDbGateway.endpoint })
  impatientDynamoDb = new DynamoDBClient({ ...common, endpoint: dynamoDbGateway.endpoint, maxAttempts: 1 })
  operator = new DynamoDBClient({
    region,
    endpoint: dynamoDbGateway.endpoint,
    credentials: operatorCredentials,
  })
  sqs = new SQSClient({ ...common, endpoint: sqsGateway.endpoint })
  poller = new SQSClient({
    region,
    endpoint: sqsGateway.endpoint,
    credentials: credentialsFor(serviceSessions.mapping),
    maxAttempts: 1,
  })
  kms = new KMSClient({ ...common, endpoint: kmsGateway.endpoint })
  s3 = new S3Client({ ...common, endpoint: objects.endpoint, forcePathStyle: true })
  for (const client of [dynamoDb, impatientDynamoDb, operator, sqs, poller, kms, s3]) {
    closing.defer(() => client.destroy())
  }
})

beforeEach(() => {
  interceptors.length = 0
  killed.length = 0
})

/** These faults for the first calls of an operation, one each; undefined spares one. */
const inject = (operation: string, ...faults: readonly (CallFault | undefined)[]): FaultPlan => {
  const plan = exactFaultPlan(
    faults.flatMap((fault, index) => (fault ? [{ caller: 'worker', operation, nth: index + 1, fault }] : [])),
  )
  interceptors.splice(0, interceptors.length, faultInterceptor(plan))
  return plan
}

/** What callers were told about an operation since the test began: error codes, 0 for a lost connection. */
const told = (operation: string, since: number) =>
  recorder
    .recent()
    .filter((call) => call.operation === operation && call.at >= since)
    .map(({ status, errorCode }) => errorCode ?? status)

const put = (id: string) => new PutItemCommand({ TableName: 'things', Item: { pk: { S: id } } })
const stored = async (...ids: readonly string[]) => {
  const found = await Promise.all(
    ids.map((id) => operator.send(new GetItemCommand({ TableName: 'things', Key: { pk: { S: id } } }))),
  )
  return ids.filter((_, index) => found[index]?.Item)
}

describe('a fault that the SDK tries again', () => {
  const retried: readonly (readonly [CallFault, string | number])[] = [
    [{ kind: 'lose_request' }, 0],
    [{ kind: 'lose_answer' }, 0],
    [{ kind: 'throttle', salt: 0 }, 'ProvisionedThroughputExceededException'],
    [{ kind: 'internal_error' }, 'InternalServerError'],
  ]
  it.each(retried)('goes away on DynamoDB when it happens twice: %j', async (fault, code) => {
    const since = Date.now()
    inject('PutItem', fault, fault)
    await dynamoDb.send(put('retried'))
    expect(told('PutItem', since)).toEqual([code, code, 200])
  })

  it.each(retried)('reaches the caller on DynamoDB at the third of three attempts: %j', async (fault) => {
    inject('PutItem', fault, fault, fault)
    await expect(dynamoDb.send(put('refused'))).rejects.toMatchObject({ $metadata: { attempts: 3 } })
  })

  it.each([
    ['throttle', 'RequestThrottled'],
    ['internal_error', 'InternalError'],
  ] as const)('goes away on SQS: %s', async (kind, code) => {
    const since = Date.now()
    inject('SendMessage', { kind, salt: 0 }, { kind, salt: 0 })
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'retried' }))
    expect(told('SendMessage', since)).toEqual([code, code, 200])
  })

  it.each([
    ['throttle', 'ThrottlingException'],
    ['internal_error', 'KMSInternalException'],
  ] as const)('goes away on KMS: %s', async (kind, code) => {
    const since = Date.now()
    inject('Encrypt', { kind, salt: 0 }, { kind, salt: 0 })
    await kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('a') }))
    expect(told('Encrypt', since)).toEqual([code, code, 200])
  })

  it.each([
    [{ kind: 'throttle', salt: 0 }, 'SlowDown'],
    [{ kind: 'internal_error' }, 'InternalError'],
    [{ kind: 'lose_request' }, 0],
    [{ kind: 'lose_answer' }, 0],
  ] as const)('goes away on S3: %j', async (fault, code) => {
    const since = Date.now()
    inject('PutObject', fault, fault)
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a', Body: 'a' }))
    expect(told('PutObject', since)).toEqual([code, code, 200])
  })
})

describe('what became of the call', () => {
  it.each([
    ['lose_request', []],
    ['kill_before', []],
    ['throttle', []],
    ['internal_error', []],
    ['transaction_conflict', []],
    ['lose_answer', ['new']],
    ['kill_after', ['new']],
  ] as const)('%s: applied is %j', async (kind, applied) => {
    inject('TransactWriteItems', { kind, salt: 0 })
    await operator.send(
      new BatchWriteItemCommand({
        RequestItems: { things: [{ DeleteRequest: { Key: { pk: { S: 'new' } } } }] },
      }),
    )
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Put: { TableName: 'things', Item: { pk: { S: 'new' } } } }],
    })
    await expect(impatientDynamoDb.send(transaction)).rejects.toThrow()
    expect(await stored('new')).toEqual(applied)
    expect(killed).toEqual(kind.startsWith('kill') ? ['worker environment-1'] : [])
  })

  it('is a delay, and then the call itself', async () => {
    inject('PutItem', { kind: 'delay', ms: 30 })
    const start = performance.now()
    await impatientDynamoDb.send(put('delayed'))
    expect(performance.now() - start).toBeGreaterThanOrEqual(29)
    expect(await stored('delayed')).toEqual(['delayed'])
  })
})

describe('a transaction that is cancelled', () => {
  it.each([
    ['transaction_conflict', 'TransactionConflict'],
    ['throttle', 'ThrottlingError'],
  ] as const)('by %s names the item', async (kind, code) => {
    const TransactItems = ['a', 'b', 'c'].map((id) => ({
      Put: { TableName: 'things', Item: { pk: { S: `cancelled-${id}` } } },
    }))
    inject('TransactWriteItems', { kind, salt: 4 })
    await expect(dynamoDb.send(new TransactWriteItemsCommand({ TransactItems }))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: code, Message: expect.any(String) }, { Code: 'None' }],
    })
    expect(await stored('cancelled-a', 'cancelled-b', 'cancelled-c')).toEqual([])
  })

  it('is a TransactionConflictException for a single write', async () => {
    inject('PutItem', { kind: 'transaction_conflict', salt: 0 })
    await expect(impatientDynamoDb.send(put('a'))).rejects.toMatchObject({
      name: 'TransactionConflictException',
    })
  })
})

describe('a batch that fails in part', () => {
  const salt = Array.from({ length: 100 }, (_, index) => index).find(
    (candidate) => failedEntries(candidate, 4).length === 2,
  )
  if (salt === undefined) throw new Error('no salt fails two of four')
  const failing = failedEntries(salt, 4)
  const ids = ['a', 'b', 'c', 'd']
  const lost = ids.filter((_, index) => failing.includes(index))
  const kept = ids.filter((_, index) => !failing.includes(index))
  const partial: CallFault = { kind: 'partial', salt }

  const receiveAll = async (): Promise<string[]> => {
    const bodies: string[] = []
    for (;;) {
      const { Messages } = await poller.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      )
      if (!Messages) return bodies.sort()
      bodies.push(...Messages.map(({ Body }) => Body ?? ''))
    }
  }

  it('sends the others, and names those that failed', async () => {
    await receiveAll()
    inject('SendMessageBatch', partial)
    const Entries = ids.map((id) => ({ Id: id, MessageBody: id }))
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
    )
    expect(Successful?.map(({ Id }) => Id)).toEqual(kept)
    expect(Failed).toMatchObject(lost.map((Id) => ({ Id, SenderFault: false, Code: 'InternalError' })))
    expect(await receiveAll()).toEqual(kept)
  })

  it('may be the only entry: then nothing is sent', async () => {
    await receiveAll()
    inject('SendMessageBatch', partial)
    const answer = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [{ Id: 'only', MessageBody: 'only' }] }),
    )
    expect(answer).toMatchObject({ Successful: [], Failed: [{ Id: 'only' }] })
    expect(await receiveAll()).toEqual([])
  })

  it('names those too that failed by themselves', async () => {
    inject('SendMessageBatch', partial)
    const Entries = ids.map((id) => ({ Id: id, MessageBody: `${id}\u0001` }))
    const { Successful = [], Failed } = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
    )
    expect(Successful).toEqual([])
    expect(Failed?.map(({ Id, Code }) => [Id, Code]).sort()).toEqual(
      ids.map((id) => [id, lost.includes(id) ? 'InternalError' : 'InvalidMessageContents']),
    )
  })

  it('writes the others, and returns the unprocessed items', async () => {
    inject('BatchWriteItem', partial)
    const request = (id: string) => ({ PutRequest: { Item: { pk: { S: `write-${id}` } } } })
    const { UnprocessedItems } = await dynamoDb.send(
      new BatchWriteItemCommand({ RequestItems: { things: ids.map(request) } }),
    )
    expect(UnprocessedItems).toEqual({ things: lost.map(request) })
    expect(await stored(...ids.map((id) => `write-${id}`))).toEqual(kept.map((id) => `write-${id}`))
  })

  it('reads the others, and returns the unprocessed keys with how to read them', async () => {
    for (const id of ids) await operator.send(put(`read-${id}`))
    inject('BatchGetItem', partial)
    const keyOf = (id: string) => ({ pk: { S: `read-${id}` } })
    const { Responses, UnprocessedKeys } = await dynamoDb.send(
      new BatchGetItemCommand({ RequestItems: { things: { Keys: ids.map(keyOf), ConsistentRead: true } } }),
    )
    expect(Responses?.things).toHaveLength(kept.length)
    expect(Responses?.things).toEqual(expect.arrayContaining(kept.map(keyOf)))
    expect(UnprocessedKeys).toEqual({ things: { Keys: lost.map(keyOf), ConsistentRead: true } })
  })
})

describe('a stale read', () => {
  const read = (id: string, ConsistentRead = false) =>
    dynamoDb.send(new GetItemCommand({ TableName: 'things', Key: { pk: { S: id } }, ConsistentRead }))

  it('answers with the state that the same read saw before', async () => {
    const plan = inject('GetItem', undefined, { kind: 'stale_read' })
    expect((await read('stale')).Item).toBeUndefined()
    await operator.send(put('stale'))
    expect((await read('stale')).Item).toBeUndefined()
    expect((await read('stale')).Item).toEqual({ pk: { S: 'stale' } })
    expect(plan.injected).toHaveLength(1)
  })

  it('happens to a query too', async () => {
    inject('Query', undefined, { kind: 'stale_read' })
    const query = async () =>
      (
        await dynamoDb.send(
          new QueryCommand({
            TableName: 'things',
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: 'stale-query' } },
          }),
        )
      ).Count
    expect(await query()).toBe(0)
    await operator.send(put('stale-query'))
    expect([await query(), await query()]).toEqual([0, 1])
  })

  it('never happens to a consistent read, nor to one that was not made before', async () => {
    const stale: CallFault = { kind: 'stale_read' }
    const plan = inject('GetItem', stale, stale, stale)
    expect((await read('fresh', true)).Item).toBeUndefined()
    await operator.send(put('fresh'))
    expect((await read('fresh', true)).Item).toBeDefined()
    expect((await read('fresh')).Item).toBeDefined()
    expect(plan.injected).toEqual([])
  })

  it('does not make the state it shows any younger', async () => {
    let now = 0
    const clock = { now: () => now, schedule: systemClock.schedule }
    const faults = [2, 3].map((nth) => ({
      caller: 'worker',
      operation: 'GetItem',
      nth,
      fault: { kind: 'stale_read' } as const,
    }))
    interceptors.push(faultInterceptor(exactFaultPlan(faults), { clock, longestStalenessMs: 10 }))
    await read('ageing')
    await operator.send(put('ageing'))
    now = 10
    expect((await read('ageing')).Item).toBeUndefined()
    now = 11
    expect((await read('ageing')).Item).toBeDefined()
  })
})

describe('calls that come from no execution environment', () => {
  it('are neither counted nor interfered with', async () => {
    const plan = inject('SendMessage', { kind: 'throttle', salt: 0 })
    const send = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'by the poller' })
    await poller.send(send)
    inject('PutItem', { kind: 'throttle', salt: 0 })
    await operator.send(put('by the operator'))
    expect(plan.injected).toEqual([])
  })
})

it('numbers the calls of each operation for itself', async () => {
  const plan = inject('GetItem', undefined, { kind: 'throttle', salt: 0 })
  const get = () =>
    impatientDynamoDb.send(new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'n' } } }))
  await get()
  await impatientDynamoDb.send(put('n'))
  await expect(get()).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' })
  await get()
  expect(plan.injected).toMatchObject([{ caller: 'worker', operation: 'GetItem', nth: 2 }])
})
