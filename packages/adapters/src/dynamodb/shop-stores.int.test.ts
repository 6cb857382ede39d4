import { fileURLToPath } from 'node:url'
import { DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { StockroomEvent } from '@stockroom/domain/events/catalogue'
import { aKeyedRequest } from '@stockroom/domain/idempotency/a-keyed-request'
import { answerStoreContract } from '@stockroom/domain/idempotency/answer-store-contract'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { Money } from '@stockroom/domain/money'
import type { OrderEvent } from '@stockroom/domain/order/order-event'
import { orderRepositoryContract } from '@stockroom/domain/order/order-repository-contract'
import { makePlaceOrder } from '@stockroom/domain/order/place-order'
import type { StockMovement } from '@stockroom/domain/product/product'
import { productRepositoryContract } from '@stockroom/domain/product/product-repository-contract'
import { watermarksContract } from '@stockroom/domain/report/watermarks-contract'
import { Sku } from '@stockroom/domain/sku'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DynamoDbAnswerStore } from './dynamodb-answer-store.ts'
import { DynamoDbOrderRepository } from './dynamodb-order-repository.ts'
import { DynamoDbPaidOrders } from './dynamodb-paid-orders.ts'
import { DynamoDbProductRepository } from './dynamodb-product-repository.ts'
import { DynamoDbWatermarks } from './dynamodb-watermarks.ts'
import { envelopeKey } from './keys.ts'
import { readEnvelope } from './outbox-item.ts'
import { stockMovementUpdate } from './stock-movement-update.ts'
import { transact } from './transact.ts'

const clock = { now: () => new Date() }
let engine: TablesEngine
let shop: ReturnType<typeof storesOf>

const storesOf = (tables: TablesEngine) => {
  const client = new DynamoDBClient(tables.clientConfig)
  const [shopTable, outboxTable] = [tables.tableName('TablesShop'), tables.tableName('TablesOutbox')]
  const isOrderEvent = (event: StockroomEvent): event is OrderEvent => event.type.startsWith('order.')
  return {
    client,
    shopTable,
    orders: new DynamoDbOrderRepository({ client, shopTable, outboxTable, clock }),
    paidOrders: new DynamoDbPaidOrders({ client, shopTable }),
    products: new DynamoDbProductRepository({ client, shopTable }),
    answers: new DynamoDbAnswerStore({ client, shopTable, clock }),
    watermarks: new DynamoDbWatermarks({ client, shopTable }),
    move: async (merchant: MerchantId, movements: readonly StockMovement[]): Promise<readonly Sku[]> => {
      const reasons = await transact(
        client,
        movements.map((movement) => stockMovementUpdate(shopTable, merchant, movement)),
      )
      return movements
        .filter((_, index) => reasons?.[index]?.Code === 'ConditionalCheckFailed')
        .map(({ sku }) => sku)
    },
    events: async (merchant: MerchantId, subject: string): Promise<readonly OrderEvent[]> => {
      const { pk } = envelopeKey(merchant, subject, 1)
      const events: StockroomEvent[] = []
      const pages = paginateQuery(
        { client },
        {
          TableName: outboxTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': pk }),
        },
      )
      for await (const { Items = [] } of pages)
        events.push(
          ...Items.flatMap((item) => readEnvelope(item).events).map((event) => StockroomEvent.parse(event)),
        )
      return events.filter(isOrderEvent)
    },
  }
}

beforeAll(async () => {
  engine = await startTables(fileURLToPath(new URL('../../../../infra/cdk.out', import.meta.url)))
  shop = storesOf(engine)
})
afterAll(() => engine.close())

let count = 0
const merchant = () => MerchantId.parse(`m-${++count}`)

answerStoreContract('DynamoDbAnswerStore', (of) => new DynamoDbAnswerStore({ ...shop, clock: of }), merchant)
productRepositoryContract('DynamoDbProductRepository', () => shop, merchant)
orderRepositoryContract('DynamoDbOrderRepository', () => shop, merchant)
watermarksContract(
  'DynamoDbWatermarks',
  () => shop.watermarks,
  () => `job-${++count}`,
)

test('of 200 buyers of 100 units exactly 100 get one, and nobody is left without an answer', async () => {
  const of = merchant()
  const sku = Sku.parse('tea')
  const unitPrice = Money.parse({ amount: 250, currency: 'EUR' })
  await shop.move(of, [{ kind: 'receive', sku, quantity: 100, name: 'Tea', unitPrice }])
  const place = makePlaceOrder({ ...shop, clock, ids: new CountingIds() })
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      place({
        request: aKeyedRequest(of, `k${i}`),
        cause: { correlationId: 'c' },
        lines: [{ sku, quantity: 1 }],
      }),
    ),
  )
  const codes = answers.map(({ outcome }) => (outcome.ok ? 'placed' : outcome.refusal.code))
  expect(codes.filter((code) => code === 'placed')).toHaveLength(100)
  expect(codes.filter((code) => code === 'order.insufficient_stock')).toHaveLength(100)
  const product = (await shop.products.findAll(of, [sku])).get(sku)
  expect(product).toMatchObject({ received: 100, available: 0, reserved: 100, sold: 0 })
}, 60_000)

test('an order whose confirmation was lost is found by the repeat, and not placed again', async () => {
  const of = merchant()
  const sku = Sku.parse('tea')
  const unitPrice = Money.parse({ amount: 250, currency: 'EUR' })
  await shop.move(of, [{ kind: 'receive', sku, quantity: 5, name: 'Tea', unitPrice }])
  const losing = storesOf(engine)
  losing.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args)
        if (commandName === 'TransactWriteItemsCommand') throw new Error('the line went dead')
        return answer
      },
    { step: 'initialize' },
  )
  const command = {
    request: aKeyedRequest(of, 'k'),
    cause: { correlationId: 'c' },
    lines: [{ sku, quantity: 1 }],
  }
  const ids = new CountingIds()
  await expect(makePlaceOrder({ ...losing, clock, ids })(command)).rejects.toThrow('the line went dead')
  const repeat = await makePlaceOrder({ ...shop, clock, ids })(command)
  expect(repeat).toMatchObject({ replayed: true, outcome: { ok: true, value: { status: 'placed' } } })
  expect((await shop.products.findAll(of, [sku])).get(sku)).toMatchObject({ available: 4, reserved: 1 })
})
