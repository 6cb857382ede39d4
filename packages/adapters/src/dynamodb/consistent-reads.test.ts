import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { aKeyedRequest } from '@stockroom/domain/idempotency/a-keyed-request'
import { EventId, OrderId, UploadId, WebhookEndpointId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { Sku } from '@stockroom/domain/sku'
import { expect, test } from 'vitest'
import { DynamoDbAnswerStore } from './dynamodb-answer-store.ts'
import { DynamoDbOrderRepository } from './dynamodb-order-repository.ts'
import { DynamoDbOutboxStore } from './dynamodb-outbox-store.ts'
import { DynamoDbProductRepository } from './dynamodb-product-repository.ts'
import { DynamoDbSubjectCursors } from './dynamodb-subject-cursors.ts'
import { DynamoDbUploadRepository } from './dynamodb-upload-repository.ts'
import { DynamoDbWatermarks } from './dynamodb-watermarks.ts'
import { DynamoDbWebhookDeliveryRepository } from './dynamodb-webhook-delivery-repository.ts'
import { DynamoDbWebhookEndpointRepository } from './dynamodb-webhook-endpoint-repository.ts'
import { scriptedClient } from './scripted-client.ts'

const merchant = MerchantId.parse('acme')
const clock = { now: () => new Date('2026-11-23T09:00:00Z') }
const orderId = OrderId.parse('ord_00000000000000000000000001')
const uploadId = UploadId.parse('upl_00000000000000000000000001')
const endpointId = WebhookEndpointId.parse('whk_00000000000000000000000001')
const eventId = EventId.parse('evt_00000000000000000000000001')
const tables = { shopTable: 'shop', outboxTable: 'outbox', webhooksTable: 'webhooks', clock }

/** Everything that decides by what it reads. The engine of the other tests reads consistently whatever it is asked for. */
const reads: Record<string, (client: DynamoDBClient) => Promise<unknown>> = {
  'of an answer': (client) =>
    new DynamoDbAnswerStore({ client, ...tables }).find(aKeyedRequest(merchant, 'k')),
  'of an order': (client) => new DynamoDbOrderRepository({ client, ...tables }).find(merchant, orderId),
  'of a reservation': (client) =>
    new DynamoDbOrderRepository({ client, ...tables }).findReservation(merchant, orderId),
  'of how far the stock of a long order has moved': (client) =>
    new DynamoDbOrderRepository({ client, ...tables }).findProgress(merchant, orderId),
  'of products': (client) =>
    new DynamoDbProductRepository({ client, ...tables }).findAll(merchant, [Sku.parse('A')]),
  'of the envelopes of an aggregate': (client) =>
    new DynamoDbOutboxStore(client, 'outbox').pendingOf('acme', 'a'),
  'of a cursor': (client) => new DynamoDbSubjectCursors({ client, ...tables }).last(merchant, 's'),
  'of an upload': (client) => new DynamoDbUploadRepository({ client, ...tables }).find(merchant, uploadId),
  'of a plan': (client) => new DynamoDbUploadRepository({ client, ...tables }).findPlan(merchant, uploadId),
  'of a chunk’s parts': (client) =>
    new DynamoDbUploadRepository({ client, ...tables }).chunkProgress({ merchant, uploadId, chunk: 1 }),
  'of a watermark': (client) => new DynamoDbWatermarks({ client, ...tables }).read('report-sales'),
  'of a delivery': (client) =>
    new DynamoDbWebhookDeliveryRepository({ client, ...tables }).find(merchant, endpointId, eventId),
  'of an endpoint': (client) =>
    new DynamoDbWebhookEndpointRepository({ client, ...tables }).find(merchant, endpointId),
  'of a merchant’s endpoints': (client) =>
    new DynamoDbWebhookEndpointRepository({ client, ...tables }).list(merchant),
}

test.each(Object.entries(reads))('the read %s sees every commit before it', async (_, read) => {
  const inputs: object[] = []
  const client = scriptedClient((_call, input) => {
    inputs.push(input)
    return {}
  })
  await read(client)
  const asked = inputs.map((input) =>
    'RequestItems' in input ? Object.values(Object(input.RequestItems)) : [input],
  )
  expect(asked.flat()).toEqual([expect.objectContaining({ ConsistentRead: true })])
})
