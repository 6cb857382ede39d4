import { fileURLToPath } from 'node:url'
import {
  DynamoDBClient,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { aKeyedRequest } from '@stockroom/domain/idempotency/a-keyed-request'
import { ManualClock } from '@stockroom/domain/manual-clock'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { Money } from '@stockroom/domain/money'
import { aLine } from '@stockroom/domain/order/a-placed-order'
import { insufficientStock } from '@stockroom/domain/order/decide-placement'
import { makeExpireOrders } from '@stockroom/domain/order/expire-orders'
import { maxSkusPerOrder } from '@stockroom/domain/order/merge-lines'
import { makePayOrder } from '@stockroom/domain/order/pay-order'
import { makePlaceOrder } from '@stockroom/domain/order/place-order'
import type { StockMovement } from '@stockroom/domain/product/product'
import { Sku } from '@stockroom/domain/sku'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DynamoDbAnswerStore } from './dynamodb-answer-store.ts'
import { DynamoDbOrderRepository } from './dynamodb-order-repository.ts'
import { DynamoDbProductRepository } from './dynamodb-product-repository.ts'
import { itemBytes } from './item-bytes.ts'
import { stockMovementUpdate } from './stock-movement-update.ts'
import { transact } from './transact.ts'

let engine: TablesEngine
beforeAll(async () => {
  engine = await startTables(fileURLToPath(new URL('../../../../infra/cdk.out', import.meta.url)))
})
afterAll(() => engine.close())

const itemLimit = 400 * 1_024
const messageLimit = 1_048_576
const transactionLimit = 4 * 1_024 * 1_024

const bytesOf = ({ Put, Update, Delete }: TransactWriteItem): number =>
  itemBytes(Put?.Item ?? Update?.ExpressionAttributeValues ?? Delete?.ExpressionAttributeValues ?? {})

/** A shop with an order of the largest size in every respect: skus, quantities and prices as long as they get. */
const arrange = async (merchant: MerchantId, units: number, length = maxSkusPerOrder) => {
  const client = new DynamoDBClient(engine.clientConfig)
  const [shopTable, outboxTable] = [engine.tableName('TablesShop'), engine.tableName('TablesOutbox')]
  const skus = Array.from({ length }, (_, i) => Sku.parse(`${i}`.padStart(4, '0').padEnd(64, 'x')))
  const unitPrice = Money.parse({ amount: 4_503_599, currency: 'EUR' })
  for (let from = 0; from < skus.length; from += 100)
    await transact(
      client,
      skus.slice(from, from + 100).map((sku) => {
        const movement: StockMovement = { kind: 'receive', sku, quantity: units, name: 'n', unitPrice }
        return stockMovementUpdate(shopTable, merchant, movement)
      }),
    )
  const sent: TransactWriteItem[][] = []
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'TransactWriteItemsCommand')
          sent.push((args.input as TransactWriteItemsCommandInput).TransactItems ?? [])
        return next(args)
      },
    { step: 'initialize' },
  )
  const clock = new ManualClock()
  const orders = new DynamoDbOrderRepository({ client, shopTable, outboxTable, clock })
  const products = new DynamoDbProductRepository({ client, shopTable })
  const answers = new DynamoDbAnswerStore({ client, shopTable, clock })
  const desk = { orders, products, answers, clock, ids: new CountingIds() }
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  return {
    ...desk,
    client,
    skus,
    sent,
    place: () =>
      makePlaceOrder(desk)({
        request: aKeyedRequest(merchant, 'k'.repeat(255)),
        cause: { correlationId: 'c'.repeat(128), traceparent },
        lines: skus.map((sku) => ({ sku, quantity: 1_000_000 })),
        reference: 'r'.repeat(100),
      }),
    pay: makePayOrder(desk),
    /** Figures that differ from the expected ones. */
    others: async (expected: Record<string, number>) =>
      [...(await products.findAll(merchant, skus)).values()].filter((product) =>
        Object.entries(expected).some(([figure, units]) => Reflect.get(product, figure) !== units),
      ),
  }
}

test('an order of 2,000 of the longest lines fits in every item, transaction and message, and is placed and paid', async () => {
  const merchant = MerchantId.parse('m'.repeat(32))
  const shop = await arrange(merchant, 1_000_000)
  const { outcome } = await shop.place()
  if (!outcome.ok) throw new Error(outcome.refusal.detail)
  expect(await shop.others({ available: 0, reserved: 1_000_000 })).toEqual([])
  const { id, total } = outcome.value
  const request = aKeyedRequest(merchant, 'p', { route: 'pay' })
  const paid = await shop.pay({
    request,
    cause: { correlationId: 'c' },
    id,
    payment: { amount: total, reference: 'r' },
  })
  expect(paid.outcome).toMatchObject({ value: { status: 'paid' } })
  expect(await shop.others({ reserved: 0, sold: 1_000_000 })).toEqual([])
  expect(await shop.orders.findProgress(merchant, id)).toBeUndefined()

  // Begun, 21 steps, placed; paid, 21 steps.
  expect(shop.sent).toHaveLength(1 + 21 + 1 + 1 + 21)
  const largestItem = Math.max(...shop.sent.flat().map(bytesOf))
  const largestTransaction = Math.max(
    ...shop.sent.map((items) => items.reduce((sum, item) => sum + bytesOf(item), 0)),
  )
  const envelopes = shop.sent
    .flat()
    .flatMap(({ Put }) => (Put?.Item?.events?.S === undefined ? [] : [Put.Item.events.S]))
  const largestMessage = Math.max(...envelopes.map((events) => Buffer.byteLength(events)))
  expect(shop.sent.filter((items) => items.length > 100)).toEqual([])
  expect(largestItem).toBeLessThan(itemLimit)
  expect(largestTransaction).toBeLessThan(transactionLimit)
  expect(largestMessage).toBeLessThan(messageLimit)
  // A delivery keeps the event in an item of its own, beside the attempts.
  expect(largestMessage).toBeLessThan(itemLimit - 20_000)
}, 120_000)

test('a long order of whose transactions each confirmation is lost the first time is placed and paid once', async () => {
  const merchant = MerchantId.parse('lossy')
  const shop = await arrange(merchant, 1_000_000, 120)
  const lost = new Set<string>()
  shop.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args)
        const { TransactItems } = args.input as TransactWriteItemsCommandInput
        const step = JSON.stringify(TransactItems?.[0])
        if (commandName !== 'TransactWriteItemsCommand' || lost.has(step)) return answer
        lost.add(step)
        throw new Error('the line went dead')
      },
    { step: 'initialize' },
  )
  const untilAnswered = async <T>(request: () => Promise<T>): Promise<T> =>
    request().catch((error: Error) => {
      expect(error.message).toBe('the line went dead')
      return untilAnswered(request)
    })
  const { outcome } = await untilAnswered(shop.place)
  if (!outcome.ok) throw new Error(outcome.refusal.detail)
  expect(lost.size).toBe(4)
  const { id, total } = outcome.value
  const request = aKeyedRequest(merchant, 'p', { route: 'pay' })
  const payment = { amount: total, reference: 'r' }
  const paid = await untilAnswered(() => shop.pay({ request, cause: { correlationId: 'c' }, id, payment }))
  expect(paid).toMatchObject({ replayed: true, outcome: { value: { status: 'paid' } } })
  shop.clock.advance(61)
  const expire = makeExpireOrders(shop)
  const deadline = new Date('2030-01-01T00:00:00.000Z')
  await untilAnswered(async () => {
    const failed = await expire({ cause: { correlationId: 'c' }, deadline }).catch(
      (error: Error) => error.cause,
    )
    if (failed instanceof Error) throw failed
  })
  expect(await shop.others({ available: 0, reserved: 0, sold: 1_000_000 })).toEqual([])
  expect(await shop.orders.findProgress(merchant, id)).toBeUndefined()
}, 60_000)

test('a refusal that names 2,000 lines fits in its item', () => {
  const outcome = insufficientStock(
    Array.from({ length: maxSkusPerOrder }, (_, i) => ({
      ...aLine('x'.repeat(64), 1_000_000),
      pointer: `#/lines/${i}`,
      available: 999_999,
    })),
  )
  expect(Buffer.byteLength(JSON.stringify(outcome))).toBeLessThan(itemLimit - 1_000)
})
