import { fileURLToPath } from 'node:url'
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { ManualClock } from '@stockroom/domain/manual-clock'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { Currency } from '@stockroom/domain/money'
import { aLine, aPlacedOrder } from '@stockroom/domain/order/a-placed-order'
import { decideCancellation } from '@stockroom/domain/order/decide-cancellation'
import { decidePayment } from '@stockroom/domain/order/decide-payment'
import type { Order } from '@stockroom/domain/order/order'
import { orderChange } from '@stockroom/domain/order/order-change'
import type { Outcome } from '@stockroom/domain/refusal'
import { decidePlan } from '@stockroom/domain/upload/decide-plan'
import type { UploadIn } from '@stockroom/domain/upload/delivery-upload'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DynamoDbOrderRepository } from './dynamodb-order-repository.ts'
import { DynamoDbUploadRepository } from './dynamodb-upload-repository.ts'
import { envelopeKey } from './keys.ts'
import { stockMovementUpdate } from './stock-movement-update.ts'
import { transact } from './transact.ts'

/** TTL takes an envelope a week after it was published; from then on its version is guarded by the item alone. */
let engine: TablesEngine
let client: DynamoDBClient
const clock = new ManualClock()
const source = { ids: new CountingIds(), clock }
const cause = { correlationId: 'c' }
const shop = MerchantId.parse('corner-shop')

beforeAll(async () => {
  engine = await startTables(fileURLToPath(new URL('../../../../infra/cdk.out', import.meta.url)))
  client = new DynamoDBClient(engine.clientConfig)
})
afterAll(async () => {
  client.destroy()
  await engine.close()
})

const tables = () => ({
  client,
  shopTable: engine.tableName('TablesShop'),
  outboxTable: engine.tableName('TablesOutbox'),
  clock,
})
const forget = (subject: string, version: number) =>
  client.send(
    new DeleteItemCommand({
      TableName: tables().outboxTable,
      Key: marshall(envelopeKey(shop, subject, version)),
    }),
  )
const acceptedOrder = (outcome: Outcome<Order>): Order => {
  if (!outcome.ok) throw new Error(outcome.refusal.detail)
  return outcome.value
}

test('an order that was cancelled long ago is not paid by who read it before', async () => {
  const orders = new DynamoDbOrderRepository(tables())
  const placed = aPlacedOrder(source.ids.next('ord'), shop, { lines: [aLine('tea', 2)] })
  const { sku, unitPrice } = aLine('tea')
  await transact(client, [
    stockMovementUpdate(tables().shopTable, shop, {
      kind: 'receive',
      sku,
      quantity: 9,
      name: 'Tea',
      unitPrice,
    }),
  ])
  const commit = (order: Order) => orders.commit(orderChange(source, cause, order))
  expect(await commit(placed)).toEqual({ outcome: 'committed' })
  expect(await commit(acceptedOrder(decideCancellation(placed, clock.now())))).toEqual({
    outcome: 'committed',
  })
  for (const version of [1, 2]) await forget(placed.id, version)

  const paid = decidePayment(placed, { amount: placed.total, reference: 'p' }, clock.now())
  expect(await commit(acceptedOrder(paid))).toMatchObject({ outcome: 'version_moved' })
  expect(await orders.find(shop, placed.id)).toMatchObject({ status: 'cancelled' })
})

test('an upload that was planned long ago is not refused by who read it before', async () => {
  const uploads = new DynamoDbUploadRepository(tables())
  const upload: UploadIn<'awaiting_upload'> = {
    id: source.ids.next('upl'),
    merchant: shop,
    filename: 'delivery.csv',
    currency: Currency.parse('EUR'),
    sizeBytes: 100,
    requestedAt: '2026-11-23T09:00:00.000Z',
    expiresAt: '2026-11-23T09:05:00.000Z',
    cause,
    status: 'awaiting_upload',
    version: 0,
  }
  await uploads.create(upload)
  const plan = {
    columns: { count: 4, sku: 0, name: 1, quantity: 2, unitPrice: 3 },
    partSkus: 98,
    chunks: [{ start: 30, end: 100, line: 2, rows: 5 }],
  }
  const planned = decidePlan(source, upload, { file: { eTag: 'e', sizeBytes: 100 }, plan })
  expect(await uploads.commit(planned)).toBe('committed')
  await forget(upload.id, 1)

  const refusal = decidePlan(source, upload, { code: 'file.empty', reason: 'The file is empty' })
  expect(await uploads.commit(refusal)).toBe('version_moved')
  expect(await uploads.find(shop, upload.id)).toMatchObject({ status: 'importing' })
})
