import { describe, expect, test } from 'vitest'
import { CountingIds } from '../counting-ids.ts'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import type { AnswerStore } from '../idempotency/answer-store.ts'
import { ManualClock } from '../manual-clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { ProductSetup } from '../product/product-repository-contract.ts'
import { accepted, refused } from '../refusal.ts'
import type { PaidOrders } from '../report/paid-orders.ts'
import { UtcDay } from '../report/utc-day.ts'
import { Sku } from '../sku.ts'
import { aLine, aPlacedOrder } from './a-placed-order.ts'
import { decideCancellation } from './decide-cancellation.ts'
import { decideExpiry } from './decide-expiry.ts'
import { decidePayment } from './decide-payment.ts'
import type { StockProgress } from './long-order.ts'
import type { Order, PlacedOrder } from './order.ts'
import { orderChange } from './order-change.ts'
import type { OrderEvent } from './order-event.ts'
import type { OrderRepository, StockStep } from './order-repository.ts'

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

    test.each([0, 1, 2, 3, 4])(
      'names the sku at fault, whichever condition of the transaction it is: %i of 5',
      async (short) => {
        const skus = ['tea', 'pot', 'cup', 'jug', 'mug'] as const
        const shop = await stocked(...skus)
        const lines = skus.map((sku, index) => aLine(sku, index === short ? 11 : 1))
        const order = aPlacedOrder(ids.next('ord'), shop, { lines })
        const refusal = { outcome: 'stock_refused', skus: [skus[short]] }
        expect(await setup().orders.commit(change(order, 'k'))).toEqual(refusal)
        expect(await figures(shop)).toEqual([10, 0, 0])
      },
    )

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

    describe('of a long order', () => {
      const skus = Array.from({ length: 120 }, (_, i) => `sku-${String(i).padStart(3, '0')}`)
      const long = async (quantity = 1) => {
        const shop = await stocked(...skus.slice(0, 60))
        await setup().move(
          shop,
          skus.slice(60).map((sku) => ({ kind: 'receive', name: sku, quantity: 10, ...aLineOf(sku) })),
        )
        const lines = skus.map((sku) => aLine(sku, quantity))
        const order = aPlacedOrder(ids.next('ord'), shop, { lines, placedAt: '2019-05-01T00:00:00.000Z' })
        const request = aKeyedRequest(shop, 'k')
        const pointers = skus.map((_, i) => `#/lines/${i}`)
        return { shop, order, request, reservation: { order, request, pointers, cause } }
      }
      const stepOf = (
        { merchant: shop, id }: Order,
        kind: StockProgress['kind'],
        reserved: number,
        next: number,
      ): StockStep => ({
        merchant: shop,
        id,
        from: { kind, reserved },
        to: { kind, reserved: next },
        stock: skus
          .slice(Math.min(reserved, next), Math.max(reserved, next))
          .map((sku) => ({ kind: kind === 'undo' ? 'release' : kind, sku: Sku.parse(sku), quantity: 1 })),
      })
      const placing = (order: Order) => {
        const answer = { request: aKeyedRequest(order.merchant, 'k'), outcome: accepted(order) }
        return { ...orderChange({ ids, clock }, cause, order, answer), answer }
      }
      const isDue = async (order: Order, at: string) =>
        (await collect(setup().orders.due(new Date(at)))).some(({ id }) => id === order.id)
      const traces = async ({ merchant: shop, id }: Order) => [
        await setup().orders.findReservation(shop, id),
        await setup().orders.findProgress(shop, id),
      ]

      test('a reservation is begun once for a request, and shows no order', async () => {
        const { shop, order, request, reservation } = await long()
        expect(await setup().orders.begin(reservation)).toBe('begun')
        const other = { ...reservation, order: { ...order, id: ids.next('ord') } }
        expect(await setup().orders.begin(other)).toBe('already_answered')
        expect(await traces(other.order)).toEqual([undefined, undefined])
        expect(await traces(order)).toEqual([reservation, { kind: 'reserve', reserved: 0 }])
        expect(await setup().answers.find(request)).toEqual({
          fingerprint: request.fingerprint,
          begun: order.id,
        })
        expect(await setup().answers.keep({ request, outcome: accepted('late') })).toBe('already_answered')
        expect(await setup().orders.commit(change(aPlacedOrder(ids.next('ord'), shop), 'k'))).toEqual({
          outcome: 'already_answered',
        })
        expect(await setup().orders.find(shop, order.id)).toBeUndefined()
        expect((await setup().orders.page(shop, { limit: 9 })).items).toEqual([])
        expect(await setup().events(shop, order.id)).toEqual([])
      })

      test('each step is taken once, and the order is placed after the last', async () => {
        const { shop, order, request, reservation } = await long()
        await setup().orders.begin(reservation)
        const [first, second] = [stepOf(order, 'reserve', 0, 98), stepOf(order, 'reserve', 98, 120)]
        expect(await setup().orders.place(placing(order))).toBe('overtaken')
        expect(await setup().orders.moveStock(second)).toEqual({ outcome: 'overtaken' })
        const outcomes = await Promise.all(
          [first, first, first].map((step) => setup().orders.moveStock(step)),
        )
        expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['moved', 'overtaken', 'overtaken'])
        expect([await figures(shop, 'sku-097'), await figures(shop, 'sku-098')]).toEqual([
          [9, 1, 0],
          [10, 0, 0],
        ])
        expect(await setup().orders.place(placing(order))).toBe('overtaken')
        expect(await setup().orders.moveStock(second)).toEqual({ outcome: 'moved' })
        const placed = await Promise.all([1, 2, 3].map(() => setup().orders.place(placing(order))))
        expect(placed.sort()).toEqual(['overtaken', 'overtaken', 'placed'])
        expect(await setup().orders.find(shop, order.id)).toEqual(order)
        expect((await setup().answers.find(request))?.outcome).toEqual(accepted(order))
        expect((await setup().events(shop, order.id)).map(({ type }) => type)).toEqual(['order.placed.v1'])
        expect(await traces(order)).toEqual([undefined, undefined])
        expect(await setup().orders.moveStock(first)).toEqual({ outcome: 'overtaken' })
        await setup().orders.commit(change(expired(order)))
      })

      test('a step that asks for too much moves nothing, and tells what is there', async () => {
        const { shop, order, reservation } = await long(11)
        await setup().orders.begin(reservation)
        const step = stepOf(order, 'reserve', 0, 3)
        const stock = step.stock.map((movement, i) => ({ ...movement, quantity: i === 1 ? 1 : 11 }))
        const unknown = { kind: 'reserve' as const, sku: Sku.parse('none'), quantity: 1 }
        expect(await setup().orders.moveStock({ ...step, stock: [...stock, unknown] })).toEqual({
          outcome: 'stock_refused',
          available: new Map([
            ['sku-000', 10],
            ['sku-002', 10],
            ['none', 0],
          ]),
        })
        expect(await figures(shop, 'sku-001')).toEqual([10, 0, 0])
        expect(await setup().orders.findProgress(shop, order.id)).toEqual({ kind: 'reserve', reserved: 0 })
      })

      test.each([98, 0])(
        'refused with %i lines reserved, is answered at once and gives them back',
        async (reserved) => {
          const { shop, order, request, reservation } = await long()
          await setup().orders.begin(reservation)
          if (reserved > 0) await setup().orders.moveStock(stepOf(order, 'reserve', 0, reserved))
          const outcome = refused('order.insufficient_stock', 'gone')
          const dueAt = new Date('2019-05-01T00:01:00.000Z')
          const end = { id: order.id, reserved, answer: { request, outcome }, dueAt }
          expect(await setup().orders.refuse({ ...end, reserved: 50 })).toBe('overtaken')
          expect(await setup().orders.refuse(end)).toBe('refused')
          expect(await setup().orders.refuse(end)).toBe('overtaken')
          expect((await setup().answers.find(request))?.outcome).toEqual(outcome)
          expect(await setup().orders.moveStock(stepOf(order, 'reserve', reserved, reserved + 22))).toEqual({
            outcome: 'overtaken',
          })
          if (reserved > 0) {
            expect(await setup().orders.findProgress(shop, order.id)).toEqual({ kind: 'undo', reserved })
            expect(await isDue(order, '2019-05-01T00:01:00.000Z')).toBe(false)
            expect(await isDue(order, '2019-05-01T00:01:00.001Z')).toBe(true)
            expect(await setup().orders.moveStock(stepOf(order, 'undo', reserved, 0))).toEqual({
              outcome: 'moved',
            })
          }
          expect(await figures(shop, 'sku-000')).toEqual([10, 0, 0])
          expect(await traces(order)).toEqual([undefined, undefined])
          expect(await isDue(order, '2019-06-01T00:00:00.000Z')).toBe(false)
        },
      )

      test('a reservation is due when its hold ends', async () => {
        const { order, reservation } = await long()
        await setup().orders.begin(reservation)
        expect(await isDue(order, order.expiresAt)).toBe(false)
        const after = new Date(Date.parse(order.expiresAt) + 1)
        expect(await isDue(order, after.toISOString())).toBe(true)
        const outcome = refused('order.expired_while_reserving', 'late')
        const answer = { request: reservation.request, outcome }
        await setup().orders.refuse({ id: order.id, reserved: 0, answer, dueAt: after })
        expect(await isDue(order, after.toISOString())).toBe(false)
      })

      test.each([
        ['paid', paid, 'sell', [9, 0, 1]],
        ['cancelled', cancelled, 'release', [10, 0, 0]],
        ['expired', expired, 'release', [10, 0, 0]],
      ] as const)('when it is %s, the stock follows in steps of its own', async (_, settle, kind, stock) => {
        const { shop, order, reservation } = await long()
        await setup().orders.begin(reservation)
        await setup().orders.moveStock(stepOf(order, 'reserve', 0, 98))
        await setup().orders.moveStock(stepOf(order, 'reserve', 98, 120))
        await setup().orders.place(placing(order))

        const settled = change(settle(order), 'settle')
        const outcomes = await Promise.all([settled, settled].map((each) => setup().orders.commit(each)))
        expect(outcomes.filter(({ outcome }) => outcome === 'committed')).toHaveLength(1)
        expect(await setup().orders.findProgress(shop, order.id)).toEqual({ kind, reserved: 120 })
        expect(await figures(shop, 'sku-119')).toEqual([9, 1, 0])
        const due = settled.follows?.dueAt.getTime() ?? 0
        expect(await isDue(order, new Date(due).toISOString())).toBe(false)
        expect(await isDue(order, new Date(due + 1).toISOString())).toBe(true)

        const [first, last] = [stepOf(order, kind, 120, 22), stepOf(order, kind, 22, 0)]
        for (const step of [first, first, last, last]) await setup().orders.moveStock(step)
        expect([await figures(shop, 'sku-119'), await figures(shop, 'sku-000')]).toEqual([stock, stock])
        expect(await traces(order)).toEqual([undefined, undefined])
        expect(await isDue(order, new Date(due + 1).toISOString())).toBe(false)
      })
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
