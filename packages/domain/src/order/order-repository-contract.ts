import { describe, expect, test } from 'vitest'
import { CountingIds } from '../counting-ids.ts'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import type { AnswerStore } from '../idempotency/answer-store.ts'
import { ManualClock } from '../manual-clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { ProductSetup } from '../product/product-repository-contract.ts'
import { accepted } from '../refusal.ts'
import type { PaidOrders } from '../report/paid-orders.ts'
import { UtcDay } from '../report/utc-day.ts'
import { Sku } from '../sku.ts'
import { aLine, aPlacedOrder } from './a-placed-order.ts'
import { decideCancellation } from './decide-cancellation.ts'
import { decideExpiry } from './decide-expiry.ts'
import { decidePayment } from './decide-payment.ts'
import type { Order, PlacedOrder } from './order.ts'
import { orderChange } from './order-change.ts'
import type { OrderEvent } from './order-event.ts'
import type { OrderRepository } from './order-repository.ts'

/** What a store's test brings to the contract. */
export interface OrderSetup extends ProductSetup {
  readonly orders: OrderRepository
  readonly paidOrders: PaidOrders
  readonly answers: AnswerStore
  /** The events in an order's outbox envelopes, in order. */
  events(merchant: MerchantId, subject: string): Promise<readonly OrderEvent[]>
}

const ids = new CountingIds()
const clock = new ManualClock()
const cause = { correlationId: 'test' }
const change = (order: Order, key?: string) =>
  orderChange(
    { ids, clock },
    cause,
    order,
    key === undefined ? undefined : { request: aKeyedRequest(order.merchant, key), outcome: accepted(order) },
  )

const paid = (order: PlacedOrder, at = order.placedAt) => {
  const outcome = decidePayment(order, { amount: order.total, reference: 'p-1' }, new Date(at))
  if (!outcome.ok) throw new Error(outcome.refusal.detail)
  return outcome.value
}
const cancelled = (order: PlacedOrder) => {
  const outcome = decideCancellation(order, clock.now())
  if (!outcome.ok) throw new Error(outcome.refusal.detail)
  return outcome.value
}
const expired = (order: PlacedOrder) => {
  const ended = decideExpiry(order, new Date(order.expiresAt))
  if (ended === undefined) throw new Error('not due')
  return ended
}

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** What every OrderRepository promises, and PaidOrders beside it. `merchant` gives a new one each time, so that the store may be shared. */
export const orderRepositoryContract = (name: string, setup: () => OrderSetup, merchant: () => MerchantId) =>
  describe(`${name} as OrderRepository`, () => {
    const stocked = async (...skus: readonly string[]) => {
      const shop = merchant()
      await setup().move(
        shop,
        skus.map((sku) => ({ kind: 'receive', name: sku, quantity: 10, ...aLineOf(sku) })),
      )
      return shop
    }
    const aLineOf = (sku: string) => ({ sku: Sku.parse(sku), unitPrice: aLine(sku).unitPrice })
    const figures = async (shop: MerchantId, sku = 'tea') => {
      const product = (await setup().products.findAll(shop, [Sku.parse(sku)])).get(Sku.parse(sku))
      return product && [product.available, product.reserved, product.sold]
    }

    test('commits order, stock, event and answer together', async () => {
      const shop = await stocked('tea')
      const order = aPlacedOrder(ids.next('ord'), shop, { reference: 'R-1' })
      const placing = change(order, 'k')
      expect(await setup().orders.commit(placing)).toEqual({ outcome: 'committed' })
      expect(await setup().orders.find(shop, order.id)).toEqual(order)
      expect(await figures(shop)).toEqual([8, 2, 0])
      expect(await setup().events(shop, order.id)).toEqual([placing.event])
      expect((await setup().answers.find(aKeyedRequest(shop, 'k')))?.outcome).toEqual(accepted(order))
    })

    test.each([
      ['paid', paid, [8, 0, 2]],
      ['cancelled', cancelled, [10, 0, 0]],
      ['expired', expired, [10, 0, 0]],
    ] as const)('a placed order becomes %s', async (_, settle, stock) => {
      const shop = await stocked('tea')
      const order = aPlacedOrder(ids.next('ord'), shop)
      const changes = [change(order), change(settle(order))]
      for (const each of changes) expect(await setup().orders.commit(each)).toEqual({ outcome: 'committed' })
      expect(await setup().orders.find(shop, order.id)).toEqual(settle(order))
      expect(await figures(shop)).toEqual(stock)
      expect(await setup().events(shop, order.id)).toEqual(changes.map(({ event }) => event))
    })

    test('of payment, cancellation and expiry at once exactly one wins', async () => {
      const shop = await stocked('tea')
      const order = aPlacedOrder(ids.next('ord'), shop)
      await setup().orders.commit(change(order))
      const outcomes = await Promise.all(
        [paid, cancelled, expired].map((settle, i) => setup().orders.commit(change(settle(order), `k${i}`))),
      )
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
        'committed',
        'version_moved',
        'version_moved',
      ])
      const [available, reserved, sold] = (await figures(shop)) ?? []
      expect([reserved, (available ?? 0) + (sold ?? 0)]).toEqual([0, 10])
      expect(await setup().events(shop, order.id)).toHaveLength(2)
    })

    test('writes nothing when stock runs out, and names the skus', async () => {
      const shop = await stocked('tea', 'pot', 'cup')
      const order = aPlacedOrder(ids.next('ord'), shop, {
        lines: [aLine('tea'), aLine('pot', 11), aLine('cup'), aLine('none')],
      })
      expect(await setup().orders.commit(change(order, 'k'))).toEqual({
        outcome: 'stock_refused',
        skus: ['pot', 'none'],
      })
      expect(await setup().orders.find(shop, order.id)).toBeUndefined()
      expect(await figures(shop)).toEqual([10, 0, 0])
      expect(await setup().events(shop, order.id)).toEqual([])
      expect(await setup().answers.find(aKeyedRequest(shop, 'k'))).toBeUndefined()
    })

    test('an answer that is there wins over a version that moved and stock that ran out', async () => {
      const shop = await stocked('tea')
      const order = aPlacedOrder(ids.next('ord'), shop, { lines: [aLine('tea', 10)] })
      await setup().orders.commit(change(order, 'k'))
      expect(await setup().orders.commit(change(order, 'k'))).toEqual({ outcome: 'already_answered' })
      expect(await setup().orders.commit(change(order, 'other'))).toEqual({ outcome: 'version_moved' })
    })

    test('takes an order of 97 skus with its answer', async () => {
      const skus = Array.from({ length: 97 }, (_, i) => `sku-${i}`)
      const shop = await stocked(...skus)
      const order = aPlacedOrder(ids.next('ord'), shop, { lines: skus.map((sku) => aLine(sku, 1)) })
      expect(await setup().orders.commit(change(order, 'k'))).toEqual({ outcome: 'committed' })
      expect(await figures(shop, 'sku-96')).toEqual([9, 1, 0])
    })

    test('one sku is never sold twice: of many concurrent orders as many commit as there are units', async () => {
      const shop = await stocked('tea')
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          setup().orders.commit(
            change(aPlacedOrder(ids.next('ord'), shop, { lines: [aLine('tea', 1)] }), `k${i}`),
          ),
        ),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'committed')).toHaveLength(10)
      expect(await figures(shop)).toEqual([0, 10, 0])
    })

    test("never reaches another merchant's order", async () => {
      const [shop, other] = [await stocked('tea'), await stocked('tea')]
      const order = aPlacedOrder(ids.next('ord'), shop)
      await setup().orders.commit(change(order))
      expect(await setup().orders.find(other, order.id)).toBeUndefined()
      expect(await setup().orders.commit(change({ ...cancelled(order), merchant: other }))).toEqual({
        outcome: 'version_moved',
      })
      expect((await setup().orders.page(other, { limit: 10 })).items).toEqual([])
      expect((await setup().orders.find(shop, order.id))?.status).toBe('placed')
    })

    test('lists newest first, page by page, of all states or of one, also while orders change', async () => {
      const shop = await stocked('tea')
      const orders = Array.from({ length: 5 }, (_, i) =>
        aPlacedOrder(ids.next('ord'), shop, { lines: [aLine('tea', 1)], reference: `R-${i}` }),
      )
      for (const order of orders) await setup().orders.commit(change(order))
      const [first, second, third, fourth, fifth] = orders
      if (!first || !second || !third || !fourth || !fifth) throw new Error('five orders')
      await setup().orders.commit(change(paid(second)))

      const page = await setup().orders.page(shop, { limit: 2 })
      expect(page.items).toEqual([
        {
          id: fifth.id,
          status: 'placed',
          total: fifth.total,
          placedAt: fifth.placedAt,
          version: 1,
          lineCount: 1,
          reference: 'R-4',
        },
        expect.objectContaining({ id: fourth.id }),
      ])
      // An order that changes state between two pages is neither lost nor shown twice.
      await setup().orders.commit(change(cancelled(third)))
      await setup().orders.commit(change(cancelled(fifth)))
      const next = await setup().orders.page(shop, { limit: 2, after: page.next ?? '' })
      expect(next.items.map(({ id, status }) => [id, status])).toEqual([
        [third.id, 'cancelled'],
        [second.id, 'paid'],
      ])
      const last = await setup().orders.page(shop, { limit: 2, after: next.next ?? '' })
      expect(last.items.map(({ id }) => id)).toEqual([first.id])
      expect(last.next).toBeUndefined()

      const ofStatus = await setup().orders.page(shop, { limit: 1, status: 'cancelled' })
      expect(ofStatus.items.map(({ id }) => id)).toEqual([fifth.id])
      const rest = await setup().orders.page(shop, {
        limit: 1,
        status: 'cancelled',
        after: ofStatus.next ?? '',
      })
      expect(rest).toEqual({ items: [expect.objectContaining({ id: third.id })] })
    })

    test('knows the placed orders that are due, oldest first, across merchants', async () => {
      const [shop, other] = [await stocked('tea'), await stocked('tea')]
      const at = (placedAt: string, of = shop) => aPlacedOrder(ids.next('ord'), of, { placedAt })
      const newer = at('2019-01-01T00:02:00.000Z')
      const oldest = at('2019-01-01T00:00:00.000Z', other)
      const middle = at('2019-01-01T00:01:00.000Z')
      const settled = at('2019-01-01T00:01:30.000Z')
      const ending = at('2019-01-01T00:05:00.000Z')
      for (const order of [newer, oldest, middle, settled, ending]) await setup().orders.commit(change(order))
      await setup().orders.commit(change(cancelled(settled)))
      expect(await collect(setup().orders.due(new Date(ending.expiresAt)))).toEqual([
        { merchant: other, id: oldest.id },
        { merchant: shop, id: middle.id },
        { merchant: shop, id: newer.id },
      ])
      for (const order of [newer, oldest, middle, ending]) await setup().orders.commit(change(expired(order)))
    })

    test('tells the orders paid on a day, grouped by merchant', async () => {
      const [shop, other] = [await stocked('tea'), await stocked('tea')]
      const pay = async (of: MerchantId, at: string) => {
        const order = aPlacedOrder(ids.next('ord'), of, { lines: [aLine('tea', 1)], placedAt: at })
        const settled = paid(order)
        await setup().orders.commit(change(order))
        await setup().orders.commit(change(settled))
        return settled
      }
      await pay(shop, '2018-03-03T23:59:59.999Z')
      const inside = [
        await pay(shop, '2018-03-04T00:00:00.000Z'),
        await pay(other, '2018-03-04T12:00:00.000Z'),
        await pay(shop, '2018-03-04T13:00:00.000Z'),
        await pay(other, '2018-03-04T14:00:00.000Z'),
        await pay(shop, '2018-03-04T23:59:59.999Z'),
      ]
      await pay(shop, '2018-03-05T00:00:00.000Z')

      const orders = await collect(setup().paidOrders.paidOn(UtcDay.parse('2018-03-04')))
      const byId = (a: Order, b: Order) => (a.id < b.id ? -1 : 1)
      expect([...orders].sort(byId)).toEqual([...inside].sort(byId))
      const merchants = orders.map((order) => order.merchant)
      expect(merchants.filter((of, i) => of !== merchants[i - 1])).toHaveLength(2)
    })
  })
