import { UtcDay } from '@stockroom/domain/report/utc-day'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { aShop, shop } from './a-shop.ts'
import { exampleOrder, OrderView } from './order-view.ts'

const [tea, pot] = ['tea', 'pot'].map((sku) => ({ sku, quantity: 1 }))

describe('orders', () => {
  test('an order is placed, read, paid and found in the list', async () => {
    const { call, receive, figures } = aShop()
    receive(shop, 'tea', 9)
    const placed = await call('POST', '/orders', {
      key: 'k',
      body: { lines: [{ sku: 'tea', quantity: 2 }], reference: 'R-1', holdSeconds: 60 },
    })
    expect(placed.status).toBe(201)
    expect(placed.body).toMatchObject({
      status: 'placed',
      total: { amount: 500, currency: 'EUR' },
      reference: 'R-1',
      expiresAt: '2026-11-23T09:01:00.000Z',
    })
    expect(placed.body).not.toHaveProperty('merchant')
    const path = placed.headers.get('location') ?? ''
    expect((await call('GET', path)).body).toEqual(placed.body)

    const payment = { amount: 500, currency: 'EUR', reference: 'p-1' }
    const paid = await call('POST', `${path}/payment`, { key: 'p', body: payment })
    expect([paid.status, paid.body.status]).toEqual([200, 'paid'])
    expect((await call('GET', '/orders?status=paid')).body).toEqual({
      items: [
        {
          id: placed.body.id,
          status: 'paid',
          total: placed.body.total,
          placedAt: placed.body.placedAt,
          version: 2,
          lineCount: 1,
          reference: 'R-1',
        },
      ],
    })
    expect((await call('GET', '/orders?status=placed')).body).toEqual({ items: [] })
    expect(await figures(shop, 'tea')).toEqual([7, 0, 2])
  })

  test('a replay is the first answer to the byte, and says that it is one', async () => {
    const { call, receive } = aShop()
    receive(shop, 'tea', 9)
    const place = () => call('POST', '/orders', { key: 'k', body: { lines: [tea] } })
    const [first, second] = [await place(), await place()]
    const cancel = () => call('POST', `/orders/${first.body.id}/cancellation`, { key: 'k' })
    for (const [before, after] of [
      [first, second],
      [await cancel(), await cancel()],
    ] as const) {
      expect([after.status, after.text]).toEqual([before.status, before.text])
      expect(before.headers.get('idempotency-replayed')).toBeNull()
      expect(after.headers.get('idempotency-replayed')).toBe('true')
    }
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
  })

  test('a refusal is a problem that points at the lines at fault, and is replayed too', async () => {
    const { call, receive } = aShop()
    receive(shop, 'tea', 9)
    receive(shop, 'pot', 0)
    const place = () => call('POST', '/orders', { key: 'k', body: { lines: [tea, pot] } })
    const [first, second] = [await place(), await place()]
    expect(first.status).toBe(409)
    expect(first.body).toMatchObject({
      code: 'order.insufficient_stock',
      errors: [{ pointer: '#/lines/1/quantity', detail: '1 of pot wanted, 0 available' }],
    })
    expect(first.headers.get('content-type')).toBe('application/problem+json')
    expect([second.status, second.text, second.headers.get('idempotency-replayed')]).toEqual([
      409,
      first.text,
      'true',
    ])
  })

  test('another body under a used key is refused', async () => {
    const { call, receive } = aShop()
    receive(shop, 'tea', 9)
    await call('POST', '/orders', { key: 'k', body: { lines: [tea] } })
    const reused = await call('POST', '/orders', { key: 'k', body: { lines: [tea, tea] } })
    expect([reused.status, reused.body.code]).toEqual([422, 'idempotency.key_reused'])
    expect(reused.headers.get('idempotency-replayed')).toBeNull()
  })

  test.each([
    ...[0, -1, 1.5, 1e21, 1_000_001, '5', null].map((quantity) => ({ lines: [{ sku: 'tea', quantity }] })),
    { lines: [] },
    { lines: [{ sku: 'tea' }] },
    { lines: [{ sku: 'a#b', quantity: 1 }] },
    { lines: [{ ...tea, unitPrice: { amount: 1, currency: 'EUR' } }] },
    ...['status', 'merchant', 'total', 'version'].map((name) => ({ lines: [tea], [name]: 1 })),
    { lines: [tea], holdSeconds: 0 },
    { lines: [tea], holdSeconds: 901 },
    ...['', 'a'.repeat(101), 'a\u0000', 'a\r\nb', 'a\uFFFF', 'a\uD800'].map((reference) => ({
      lines: [tea],
      reference,
    })),
    { lines: Array.from({ length: 2_001 }, () => tea) },
  ])('body %# breaks the schema, and is not remembered under its key', async (body) => {
    const { call, receive, figures } = aShop()
    receive(shop, 'tea', 9)
    const refused = await call('POST', '/orders', { key: 'k', body })
    expect([refused.status, refused.body.code]).toEqual([422, 'request.invalid'])
    expect(await figures(shop, 'tea')).toEqual([9, 0, 0])
    expect((await call('POST', '/orders', { key: 'k', body: { lines: [tea] } })).status).toBe(201)
  })

  test("another merchant's order is as unknown as one that does not exist", async () => {
    const { call, receive } = aShop()
    receive(shop, 'tea', 9)
    const { id } = (await call('POST', '/orders', { key: 'k', body: { lines: [tea] } })).body
    const payment = { amount: 250, currency: 'EUR', reference: 'p' }
    const theirs = { merchant: 'other-shop', key: 'o' }
    const answers = [
      await call('GET', `/orders/${id}`, theirs),
      await call('POST', `/orders/${id}/payment`, { ...theirs, body: payment }),
      await call('POST', `/orders/${id}/cancellation`, theirs),
    ]
    for (const { status, body } of answers) expect([status, body.code]).toEqual([404, 'order.not_found'])
    expect((await call('GET', '/orders', theirs)).body).toEqual({ items: [] })
  })

  test('a list is read to its end by its cursors, which open no other list', async () => {
    const { call, receive } = aShop()
    receive(shop, 'tea', 9)
    for (const key of ['a', 'b', 'c']) await call('POST', '/orders', { key, body: { lines: [tea] } })
    const first = (await call('GET', '/orders?limit=2')).body
    const rest = (await call('GET', `/orders?limit=2&cursor=${first.next}`)).body
    expect([first.items.length, rest.items.length, rest.next]).toEqual([2, 1, undefined])
    for (const [path, merchant] of [
      ['/orders?limit=2&status=placed&', shop],
      ['/products?', shop],
      ['/orders?limit=2&', 'other-shop'],
    ] as const) {
      const refused = await call('GET', `${path}cursor=${first.next}`, { merchant })
      expect([refused.status, refused.body.code]).toEqual([400, 'request.cursor_invalid'])
    }
  })

  test('the example is an order', () => {
    expect(z.parse(OrderView, exampleOrder)).toEqual(exampleOrder)
  })
})

test('products are listed and read', async () => {
  const { call, receive } = aShop()
  for (const sku of ['b', 'a', 'c']) receive(shop, sku, 3)
  const first = (await call('GET', '/products?limit=2')).body
  const rest = (await call('GET', `/products?limit=2&cursor=${first.next}`)).body
  expect([...first.items, ...rest.items].map(({ sku }) => sku)).toEqual(['a', 'b', 'c'])
  expect((await call('GET', '/products/a')).body).toEqual({
    sku: 'a',
    name: 'a',
    unitPrice: { amount: 250, currency: 'EUR' },
    received: 3,
    available: 3,
    reserved: 0,
    sold: 0,
  })
  const unknown = await call('GET', '/products/a', { merchant: 'other-shop' })
  expect([unknown.status, unknown.body.code]).toEqual([404, 'product.not_found'])
})

test('a report is found by its day', async () => {
  const { call, reports } = aShop()
  await reports.write({ merchant: shop, day: UtcDay.parse('2026-11-22'), rows: 1, csv: 'sku\r\na\r\n' })
  expect((await call('GET', '/reports/2026-11-22')).body).toEqual({
    date: '2026-11-22',
    rows: 1,
    createdAt: '2026-11-23T09:00:00.000Z',
    url: expect.any(String),
    expiresAt: '2026-11-23T09:05:00.000Z',
  })
  expect((await call('GET', '/reports/2026-11-21')).body.code).toBe('report.not_found')
  expect((await call('GET', '/reports/2026-11-22', { merchant: 'other-shop' })).status).toBe(404)
  expect((await call('GET', '/reports/2026-02-30')).status).toBe(422)
})
