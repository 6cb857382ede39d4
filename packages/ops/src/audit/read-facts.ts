import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3'
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod/mini'
import type { AwsAccess } from '../aws-access.ts'
import { streamFailuresPrefix } from '../dlq/stream-destination.ts'
import type { Stage, StageQueue } from '../stage.ts'
import type { EnvelopeFact, Facts, QueueFact } from './facts.ts'

const Money = z.object({ amount: z.int(), currency: z.string() })
const Product = z.object({
  pk: z.string(),
  sk: z.string(),
  received: z.int(),
  available: z.int(),
  reserved: z.int(),
  sold: z.int(),
})
const Order = z.object({
  merchant: z.string(),
  id: z.string(),
  status: z.string(),
  version: z.int(),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int(), unitPrice: Money })),
  total: Money,
  payment: z.optional(z.object({ amount: Money })),
})
const OrderPart = z.object({ pk: z.string() })
const Progress = z.object({ pk: z.string(), kind: z.string() })
const BegunAnswer = z.object({ pk: z.string(), begun: z.string() })
const Upload = z.object({
  merchant: z.string(),
  id: z.string(),
  status: z.string(),
  rowsAccepted: z._default(z.int(), 0),
  rowsRejected: z._default(z.int(), 0),
})
const Chunk = z.object({ pk: z.string(), rowsAccepted: z.int(), rowsRejected: z.int() })
const Envelope = z.object({
  tenant: z.string(),
  aggregate: z.string(),
  pendingShard: z.optional(z.string()),
  events: z.string(),
})
const Events = z.array(
  z.object({ id: z.string(), type: z.string(), sequence: z.string(), time: z.string(), data: z.unknown() }),
)
const Endpoint = z.object({
  merchant: z.string(),
  id: z.string(),
  url: z.string(),
  createdAt: z.string(),
  eventTypes: z.optional(z.array(z.string())),
})
const Delivery = z.object({
  merchant: z.string(),
  endpointId: z.string(),
  eventId: z.string(),
  state: z.object({ status: z.string() }),
})

type Item = Record<string, unknown>

/**
 * Reads everything that a stage has stored, by scans: an auditor's way, which no function of the application has a right to.
 * Not one moment in time: judge it only when nothing moves any more.
 */
export const readFacts = async ({ dynamodb, sqs, s3 }: AwsAccess, stage: Stage): Promise<Facts> => {
  const [shop, outbox, webhooks, queues, failures] = await Promise.all([
    scan(dynamodb, stage.ShopTableName),
    scan(dynamodb, stage.OutboxTableName),
    scan(dynamodb, stage.WebhooksTableName),
    Promise.all(stage.queues.map((queue) => readQueue(sqs, queue))),
    listKeys(s3, stage.FailuresBucketName, streamFailuresPrefix),
  ])
  return {
    products: itemsAt(shop, /#PRODUCT /).map((item) => {
      const { pk, sk, ...figures } = Product.parse(item)
      return { merchant: pk.replace(/#PRODUCT$/, ''), sku: sk, ...figures }
    }),
    orders: itemsAt(shop, / ORDER$/).map((item) => {
      const { payment, ...order } = Order.parse(item)
      return { ...order, paid: payment?.amount }
    }),
    halfDone: [
      ...itemsAt(shop, / RESERVATION$/).map((item) => ({
        ...orderAt(OrderPart.parse(item).pk),
        what: 'reservation',
      })),
      ...itemsAt(shop, / STOCK$/).map((item) => {
        const { pk, kind } = Progress.parse(item)
        return { ...orderAt(pk), what: `stock to ${kind}` }
      }),
      ...itemsAt(shop, / ANSWER$/)
        .filter(({ begun }) => begun !== undefined)
        .map((item) => {
          const { pk, begun } = BegunAnswer.parse(item)
          return { merchant: merchantAt(pk), orderId: begun, what: 'begun answer' }
        }),
    ],
    uploads: itemsAt(shop, / UPLOAD$/).map((item) => Upload.parse(item)),
    chunks: itemsAt(shop, / CHUNK#\d+$/).map((item) => {
      const { pk, ...rows } = Chunk.parse(item)
      return { uploadId: pk.slice(pk.lastIndexOf('#') + 1), ...rows }
    }),
    envelopes: outbox.map(readEnvelope),
    endpoints: itemsAt(webhooks, /#ENDPOINT /).map((item) => {
      const { eventTypes, ...endpoint } = Endpoint.parse(item)
      return { ...endpoint, eventTypes }
    }),
    deliveries: itemsAt(webhooks, /#DELIVERY#/).map((item) => {
      const { state, ...delivery } = Delivery.parse(item)
      return { ...delivery, state: state.status }
    }),
    queues,
    failures,
  }
}

const merchantAt = (pk: string): string => pk.slice(0, pk.indexOf('#'))
const orderAt = (pk: string) => ({ merchant: merchantAt(pk), orderId: pk.slice(pk.lastIndexOf('#') + 1) })

/** Items whose `pk sk` matches. */
const itemsAt = (items: readonly Item[], key: RegExp): readonly Item[] =>
  items.filter(({ pk, sk }) => key.test(`${pk} ${sk}`))

const readEnvelope = (item: Item): EnvelopeFact => {
  const { tenant, aggregate, pendingShard, events } = Envelope.parse(item)
  return {
    merchant: tenant,
    aggregate,
    pending: pendingShard !== undefined,
    events: Events.parse(JSON.parse(events)).map((event) => ({
      ...event,
      data: event.data,
      sequence: Number(event.sequence),
    })),
  }
}

const scan = async (client: DynamoDBClient, TableName: string): Promise<readonly Item[]> => {
  const items: Item[] = []
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
    for (const item of Items) items.push(unmarshall(item))
  return items
}

const readQueue = async (client: SQSClient, { name, url, deadLetters }: StageQueue): Promise<QueueFact> => {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible',
      ],
    }),
  )
  return {
    name,
    deadLetters,
    visible:
      Number(Attributes.ApproximateNumberOfMessages ?? 0) +
      Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
  }
}

const listKeys = async (client: S3Client, Bucket: string, Prefix: string): Promise<readonly string[]> => {
  const keys: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
    for (const { Key } of Contents) if (Key !== undefined) keys.push(Key)
  return keys
}
