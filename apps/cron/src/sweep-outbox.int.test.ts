import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { marshall } from '@aws-sdk/util-dynamodb'
import { envelopeKey } from '@stockroom/adapters/dynamodb/keys'
import { putEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import { invocationOf } from '@stockroom/lambda/invocation-of'
import { localEnvironment } from '@stockroom/local-cloud/arn'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { type SqsEngine, startSqs } from '@stockroom/local-cloud/engines/sqs'
import { anEnvelope } from '@stockroom/outbox/an-envelope'
import { afterAll, beforeAll, expect, it } from 'vitest'

const assembly = new URL('../../../infra/cdk.out', import.meta.url).pathname
let tables: TablesEngine
let sqs: SqsEngine
let dynamodb: DynamoDBClient
let queue: SQSClient
let queueUrl: string
let tableName: string

beforeAll(async () => {
  tables = await startTables(assembly)
  sqs = await startSqs(localEnvironment)
  dynamodb = new DynamoDBClient(tables.clientConfig)
  queue = new SQSClient({ ...tables.clientConfig, endpoint: sqs.endpoint })
  const made = await queue.send(
    new CreateQueueCommand({ QueueName: 'events.fifo', Attributes: { FifoQueue: 'true' } }),
  )
  queueUrl = made.QueueUrl?.replace(/^https?:\/\/[^/]+/, sqs.endpoint) ?? ''
  tableName = tables.tableName('TablesOutbox')
  // The function reads its environment when it is loaded, as on Lambda.
  Object.assign(process.env, {
    AWS_REGION: localEnvironment.region,
    AWS_ACCESS_KEY_ID: tables.clientConfig.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: tables.clientConfig.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    OUTBOX_TABLE_NAME: tableName,
    EVENTS_QUEUE_URL: queueUrl,
    POWERTOOLS_METRICS_NAMESPACE: 'Stockroom',
  })
})
afterAll(async () => {
  dynamodb.destroy()
  queue.destroy()
  await sqs.close()
  await tables.close()
})

const pendingSince = async (aggregate: string, seconds: number) => {
  const envelope = anEnvelope({ aggregate, createdAt: new Date(Date.now() - seconds * 1_000) })
  await dynamodb.send(
    new PutItemCommand({ TableName: tableName, Item: putEnvelope(tableName, envelope).Put?.Item }),
  )
}
const isPending = async (aggregate: string) => {
  const key = marshall(envelopeKey('acme', aggregate, 1))
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
  )
  return Item !== undefined && 'pendingShard' in Item
}

it('publishes what the relay has missed for a minute, marks it, and leaves younger envelopes to the relay', async () => {
  const { handler } = await import('./sweep-outbox.handler.ts')
  await pendingSince('missed', 90)
  await pendingSince('fresh', 5)

  // More than the reserve that the function keeps for a page in progress.
  const context = { ...invocationOf('sweep'), getRemainingTimeInMillis: () => 60_000 }
  await handler({ scheduledAt: new Date().toISOString() }, context)

  const { Messages = [] } = await queue.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
  )
  expect(Messages.map(({ Body }) => JSON.parse(Body ?? '').subject)).toEqual(['missed'])
  expect([await isPending('missed'), await isPending('fresh')]).toEqual([false, true])
})
