import { describe, expect, test } from 'vitest'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import type { Answered } from '../idempotency/answer-once.ts'
import { MerchantId } from '../merchant-id.ts'
import { Sku } from '../sku.ts'
import { anOrderDesk } from './an-order-desk.ts'
import type { Order } from './order.ts'

const shop = MerchantId.parse('corner-shop')
const cause = { correlationId: 'c-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
const soon = new Date('2030-01-01T00:00:00Z')

const placing = (key: string, quantity = 1, overrides = {}) => ({
  request: aKeyedRequest(shop, key, overrides),
  cause,
  lines: [{ sku: Sku.parse('tea'), quantity }],
})
const settling = (key: string, order: Order, route: string) => ({
  request: aKeyedRequest(shop, key, { route }),
  cause,
  id: order.id,
})
const paying = (key: string, order: Order) => ({
  ...settling(key, order, 'POST /orders/{id}/payment'),
  payment: { amount: order.total, reference: 'p-1' },
})
const cancelling = (key: string, order: Order) => settling(key, order, 'POST /orders/{id}/cancellation')

const accepted = ({ outcome }: Answered<Order>): Order => {
  if (!outcome.ok) throw new Error(outcome.refusal.detail)
  return outcome.value
}

describe('a keyed request', () => {
  test('repeated, gets the answer of its first time, and nothing happens twice', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 5)
    const first = await desk.place(placing('k'))
    desk.clock.advance(60)
    const second = await desk.place(placing('k'))
    expect(first.replayed).toBe(false)
    expect(second).toEqual({ ...first, replayed: true })
    expect(await desk.figures(shop, 'tea')).toEqual([4, 1, 0])
    expect(desk.outbox).toHaveLength(1)
  })

  test('sent many times at once, has one effect and one answer', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 50)
    const answers = await Promise.all(Array.from({ length: 50 }, () => desk.place(placing('k'))))
    expect(new Set(answers.map((answer) => accepted(answer).id)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await desk.figures(shop, 'tea')).toEqual([49, 1, 0])
  })

  test('with another body is refused, and changes nothing', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 5)
    await desk.place(placing('k'))
    expect(await desk.place(placing('k', 2, { fingerprint: 'b'.repeat(64) }))).toMatchObject({
      outcome: { refusal: { code: 'idempotency.key_reused' } },
      replayed: false,
    })
    expect(await desk.figures(shop, 'tea')).toEqual([4, 1, 0])
  })

  test('that was refused stays refused when stock has come', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 1)
    const first = await desk.place(placing('k', 2))
    desk.receive(shop, 'tea', 9)
    expect(await desk.place(placing('k', 2))).toEqual({ ...first, replayed: true })
    expect(first.outcome).toMatchObject({ refusal: { code: 'order.insufficient_stock' } })
    expect(accepted(await desk.place(placing('k2', 2))).total).toEqual({ amount: 500, currency: 'EUR' })
  })

  test('of a client, principal or route is not that of another', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 5)
    const order = accepted(await desk.place(placing('k')))
    expect((await desk.place(placing('k', 1, { principal: 'till-2' }))).replayed).toBe(false)
    expect((await desk.pay(paying('k', order))).replayed).toBe(false)
  })

  test('for payment, sent many times at once, pays once', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 5)
    const order = accepted(await desk.place(placing('k')))
    const answers = await Promise.all(Array.from({ length: 20 }, () => desk.pay(paying('p', order))))
    expect(new Set(answers.map((answer) => accepted(answer).status))).toEqual(new Set(['paid']))
    expect(await desk.figures(shop, 'tea')).toEqual([4, 0, 1])
    expect(desk.outbox).toHaveLength(2)
  })
})

describe('an order', () => {
  test('leaves one event for each of its versions, in its cause', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 5)
    const order = accepted(await desk.place({ ...placing('k', 2), reference: 'R-1' }))
    await desk.pay(paying('p', order))
    const common = {
      specversion: '1.0',
      source: '/merchants/corner-shop',
      subject: order.id,
      merchant: shop,
      correlationid: 'c-1',
      traceparent: cause.traceparent,
    }
    expect(desk.outbox).toEqual([
      expect.objectContaining({ ...common, type: 'order.placed.v1', sequence: '0000000001' }),
      expect.objectContaining({ ...common, type: 'order.paid.v1', sequence: '0000000002' }),
    ])
    expect(desk.outbox[0]?.data).toEqual({
      lines: order.lines,
      total: order.total,
      placedAt: order.placedAt,
      expiresAt: order.status === 'placed' ? order.expiresAt : '',
      reference: 'R-1',
    })
  })

  test('of another merchant is not found, in the words for one that does not exist', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 5)
    const order = accepted(await desk.place(placing('k')))
    const other = MerchantId.parse('other-shop')
    const { outcome } = await desk.cancel({ ...cancelling('c', order), request: aKeyedRequest(other, 'c') })
    expect(outcome).toMatchObject({
      refusal: { code: 'order.not_found', detail: `There is no order ${order.id}` },
    })
    expect(await desk.figures(shop, 'tea')).toEqual([4, 1, 0])
  })

  test('paid, cancelled and expired at once, ends in one way, and stock, answers and events agree', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 5)
    const order = accepted(await desk.place(placing('k')))
    desk.clock.advance(900)
    const [paid, cancelled, expired] = await Promise.all([
      desk.pay(paying('p', order)),
      desk.cancel(cancelling('c', order)),
      desk.expire({ cause, deadline: soon }),
    ])
    expect(paid.outcome).toMatchObject({ refusal: { code: 'order.not_payable' } })
    expect(Number(cancelled.outcome.ok) + expired).toBe(1)
    expect(await desk.figures(shop, 'tea')).toEqual([5, 0, 0])
    expect(desk.outbox).toHaveLength(2)
  })

  test('whose stock another takes between decision and commit is refused with the figures of now', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 3)
    const [one, two] = await Promise.all([desk.place(placing('k1', 2)), desk.place(placing('k2', 2))])
    expect(accepted(one).status).toBe('placed')
    expect(two.outcome).toMatchObject({
      refusal: { items: [{ pointer: '#/lines/0/quantity', detail: '2 of tea wanted, 1 available' }] },
    })
  })

  test('is asked for 200 times while 100 units are there: 100 get one', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 100)
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => desk.place(placing(`k${i}`))))
    expect(answers.filter(({ outcome }) => outcome.ok)).toHaveLength(100)
    expect(await desk.figures(shop, 'tea')).toEqual([0, 100, 0])
  })

  test('that the store is too busy for stores nothing, so that the same key may try again', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 3)
    const commit = desk.orders.commit.bind(desk.orders)
    desk.orders.commit = async () => ({ outcome: 'stock_refused', skus: [] })
    await expect(desk.place(placing('k'))).rejects.toMatchObject({ code: 'busy' })
    desk.orders.commit = commit
    expect(await desk.place(placing('k'))).toMatchObject({ replayed: false, outcome: { ok: true } })
  })
})

describe('the clock', () => {
  test('ends every order that is due, and no other', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 100)
    for (let i = 0; i < 30; i++) await desk.place(placing(`k${i}`))
    desk.clock.advance(901)
    await desk.place(placing('late'))
    expect(await desk.expire({ cause, deadline: soon })).toBe(30)
    expect(await desk.figures(shop, 'tea')).toEqual([99, 1, 0])
    expect(await desk.expire({ cause, deadline: soon })).toBe(0)
  })

  test('begins nothing after its deadline', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 1)
    await desk.place(placing('k'))
    desk.clock.advance(901)
    expect(await desk.expire({ cause, deadline: desk.clock.now() })).toBe(0)
  })

  test('ends the others when some cannot be ended, and then reports those', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 100)
    for (let i = 0; i < 20; i++) await desk.place(placing(`k${i}`))
    desk.clock.advance(901)
    const find = desk.orders.find.bind(desk.orders)
    let finds = 0
    desk.orders.find = (merchant, id) => {
      finds += 1
      return finds <= 10 ? Promise.reject(new Error('lost connection')) : find(merchant, id)
    }
    await expect(desk.expire({ cause, deadline: soon })).rejects.toMatchObject({
      errors: Array.from({ length: 10 }, () => expect.objectContaining({ message: 'lost connection' })),
      cause: expect.objectContaining({ message: 'lost connection' }),
    })
    expect(await desk.figures(shop, 'tea')).toEqual([90, 10, 0])
  })

  test('leaves an order that was paid after it was listed', async () => {
    const desk = anOrderDesk()
    desk.receive(shop, 'tea', 1)
    const order = accepted(await desk.place(placing('k')))
    await desk.pay(paying('p', order))
    desk.orders.due = async function* () {
      yield { merchant: shop, id: order.id }
    }
    expect(await desk.expire({ cause, deadline: soon })).toBe(0)
  })
})
