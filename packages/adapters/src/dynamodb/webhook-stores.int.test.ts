import { fileURLToPath } from 'node:url'
import { DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { aKeyedRequest } from '@stockroom/domain/idempotency/a-keyed-request'
import { answerStoreContract } from '@stockroom/domain/idempotency/answer-store-contract'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { aWebhookDelivery } from '@stockroom/domain/webhook/a-webhook-delivery'
import { subjectCursorsContract } from '@stockroom/domain/webhook/subject-cursors-contract'
import { webhookDeliveryRepositoryContract } from '@stockroom/domain/webhook/webhook-delivery-repository-contract'
import { webhookEndpointRepositoryContract } from '@stockroom/domain/webhook/webhook-endpoint-repository-contract'
import { WebhookReplayRequestedV1 } from '@stockroom/domain/webhook/webhook-replay-requested.v1'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DynamoDbAnswerStore } from './dynamodb-answer-store.ts'
import { DynamoDbReplayRequests } from './dynamodb-replay-requests.ts'
import { DynamoDbSubjectCursors } from './dynamodb-subject-cursors.ts'
import { DynamoDbWebhookDeliveryRepository } from './dynamodb-webhook-delivery-repository.ts'
import { DynamoDbWebhookEndpointRegistry } from './dynamodb-webhook-endpoint-registry.ts'
import { DynamoDbWebhookEndpointRepository } from './dynamodb-webhook-endpoint-repository.ts'
import { answerKey, deliveryKey, envelopeKey, subjectCursorKey } from './keys.ts'
import { readEnvelope } from './outbox-item.ts'
import { SealedAnswerStore } from './sealed-answer-store.ts'

const clock = { now: () => new Date() }
let engine: TablesEngine
let stores: ReturnType<typeof storesOf>

const storesOf = (tables: TablesEngine) => {
  const client = new DynamoDBClient(tables.clientConfig)
  const [shopTable, outboxTable] = [tables.tableName('TablesShop'), tables.tableName('TablesOutbox')]
  const webhooksTable = tables.tableName('TablesWebhooks')
  return {
    client,
    shopTable,
    webhooksTable,
    endpoints: new DynamoDbWebhookEndpointRepository({ client, webhooksTable }),
    registry: new DynamoDbWebhookEndpointRegistry({ client, webhooksTable, shopTable, clock }),
    answers: new SealedAnswerStore(new DynamoDbAnswerStore({ client, shopTable, clock })),
    deliveries: new DynamoDbWebhookDeliveryRepository({ client, webhooksTable }),
    replays: new DynamoDbReplayRequests({ client, webhooksTable, outboxTable, clock }),
    cursors: new DynamoDbSubjectCursors({ client, webhooksTable }),
    events: async (merchant: MerchantId, subject: string) => {
      const pages = paginateQuery(
        { client },
        {
          TableName: outboxTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': envelopeKey(merchant, subject, 1).pk }),
        },
      )
      const items = []
      for await (const { Items = [] } of pages) items.push(...Items)
      return items
        .flatMap((item) => readEnvelope(item).events)
        .map((event) => WebhookReplayRequestedV1.parse(event))
    },
  }
}

beforeAll(async () => {
  engine = await startTables(fileURLToPath(new URL('../../../../infra/cdk.out', import.meta.url)))
  stores = storesOf(engine)
})
afterAll(async () => {
  stores.client.destroy()
  await engine.close()
})

let merchants = 0
const merchant = () => MerchantId.parse(`m-${++merchants}`)
const ids = new CountingIds()
const item = async (table: string, key: object) => {
  const { Item } = await stores.client.send(new GetItemCommand({ TableName: table, Key: marshall(key) }))
  return Item && unmarshall(Item)
}

answerStoreContract(
  'SealedAnswerStore',
  (of) => new SealedAnswerStore(new DynamoDbAnswerStore({ ...stores, clock: of })),
  merchant,
)
webhookEndpointRepositoryContract('DynamoDbWebhookEndpointRepository', () => stores, merchant)
webhookDeliveryRepositoryContract('DynamoDbWebhookDeliveryRepository', () => stores, merchant)
subjectCursorsContract('DynamoDbSubjectCursors', () => stores.cursors, merchant)

test('an accepted answer is stored so that only its key opens it', async () => {
  const request = aKeyedRequest(merchant(), 'e4a5b8b0-6d1f-4a7f-9f8e-0c7f5c1d2e3f')
  const outcome = { ok: true, value: { secret: 'whsec_canary' } } as const
  await stores.answers.keep({ request, outcome })
  expect(await stores.answers.find(request)).toEqual({ fingerprint: request.fingerprint, outcome })

  const stored = JSON.stringify(await item(stores.shopTable, answerKey(request)))
  expect(stored).not.toContain('canary')
  expect(stored).not.toContain(Buffer.from('whsec_canary').toString('base64').slice(0, 12))
  expect(stored).not.toContain(request.key)
})

test('a delivery and a cursor carry the time after which they may go', async () => {
  const shop = merchant()
  const delivery = aWebhookDelivery(shop, ids.next('whk'), ids.next('evt'))
  await stores.deliveries.add(delivery)
  expect(
    await item(stores.webhooksTable, deliveryKey(shop, delivery.endpointId, delivery.eventId)),
  ).toMatchObject({ ttl: Date.parse(delivery.keepUntil) / 1_000 })
  await stores.cursors.advance(shop, 'ord_1', 1, new Date('2026-12-23T09:00:00.500Z'))
  expect(await item(stores.webhooksTable, subjectCursorKey(shop, 'ord_1'))).toMatchObject({
    ttl: Date.parse('2026-12-23T09:00:00Z') / 1_000,
  })
})

test('a page is full although its payloads exceed what one query reads', async () => {
  const [shop, endpointId] = [merchant(), ids.next('whk')]
  const payload = 'x'.repeat(300_000)
  for (let n = 0; n < 8; n++)
    await stores.deliveries.add(aWebhookDelivery(shop, endpointId, ids.next('evt'), { payload }))
  const page = await stores.deliveries.page(shop, endpointId, { limit: 6 })
  expect(page.items).toHaveLength(6)
  const rest = await stores.deliveries.page(shop, endpointId, { limit: 6, after: page.next ?? '' })
  expect(rest.items).toHaveLength(2)
  expect(rest.next).toBeUndefined()
})
