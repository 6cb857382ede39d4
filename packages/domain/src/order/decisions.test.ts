import { describe, expect, test } from 'vitest'
import { CountingIds } from '../counting-ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { Money } from '../money.ts'
import type { Product } from '../product/product.ts'
import { Sku } from '../sku.ts'
import { aPlacedOrder } from './a-placed-order.ts'
import { decideCancellation } from './decide-cancellation.ts'
import { decideExpiry } from './decide-expiry.ts'
import { decidePayment } from './decide-payment.ts'
import { decidePlacement, type NewOrder } from './decide-placement.ts'
import { mergeLines } from './merge-lines.ts'

const merchant = MerchantId.parse('corner-shop')
const id = new CountingIds().next('ord')
const now = new Date('2026-11-23T09:00:00.000Z')

const product = (sku: string, available: number, amount = 250, currency = 'EUR'): Product => ({
  sku: Sku.parse(sku),
  name: sku,
  unitPrice: Money.parse({ amount, currency }),
  received: available,
  available,
  reserved: 0,
  sold: 0,
})
const given = (...products: readonly Product[]) => new Map(products.map((each) => [each.sku, each]))
const line = (sku: string, quantity: number) => ({ sku: Sku.parse(sku), quantity })
const place = (
  products: ReadonlyMap<Sku, Product>,
  lines: readonly ReturnType<typeof line>[],
  rest: Omit<NewOrder, 'lines'> = {},
) => {
  const merged = mergeLines(lines)
  return merged.ok
    ? decidePlacement(products, { lines: merged.value, ...rest }, { id, merchant, now })
    : merged
}

describe('placing', () => {
  test('prices lines by the product and holds the stock for 15 minutes', () => {
    expect(
      place(given(product('tea', 9), product('pot', 1, 4_000)), [line('tea', 2), line('pot', 1)]),
    ).toEqual({
      ok: true,
      value: {
        id,
        merchant,
        status: 'placed',
        version: 1,
        lines: [
          { sku: 'tea', quantity: 2, unitPrice: { amount: 250, currency: 'EUR' } },
          { sku: 'pot', quantity: 1, unitPrice: { amount: 4_000, currency: 'EUR' } },
        ],
        total: { amount: 4_500, currency: 'EUR' },
        placedAt: '2026-11-23T09:00:00.000Z',
        expiresAt: '2026-11-23T09:15:00.000Z',
      },
    })
  })

  test('keeps the reference, and holds for as long as asked', () => {
    expect(
      place(given(product('tea', 9)), [line('tea', 1)], { holdSeconds: 1, reference: 'R-7' }),
    ).toMatchObject({
      value: { expiresAt: '2026-11-23T09:00:01.000Z', reference: 'R-7' },
    })
  })

  test('sums lines of the same sku', () => {
    expect(
      place(given(product('tea', 5), product('pot', 5)), [line('tea', 2), line('pot', 1), line('tea', 3)]),
    ).toMatchObject({
      value: {
        lines: [
          { sku: 'tea', quantity: 5 },
          { sku: 'pot', quantity: 1 },
        ],
      },
    })
  })

  test('refuses skus that no delivery brought, and points at their lines', () => {
    expect(place(given(product('tea', 5)), [line('tea', 1), line('nope', 1)])).toEqual({
      ok: false,
      refusal: {
        code: 'order.unknown_sku',
        detail: expect.any(String),
        items: [{ pointer: '#/lines/1/sku', detail: 'nope is unknown' }],
      },
    })
  })

  test('refuses what is not available, summed over its lines, and says how many are', () => {
    expect(
      place(given(product('tea', 5), product('pot', 9)), [line('pot', 9), line('tea', 3), line('tea', 3)]),
    ).toMatchObject({
      refusal: {
        code: 'order.insufficient_stock',
        items: [{ pointer: '#/lines/1/quantity', detail: '6 of tea wanted, 5 available' }],
      },
    })
  })

  test('refuses two currencies', () => {
    const products = given(product('tea', 5), product('pot', 5, 100, 'GBP'))
    expect(place(products, [line('tea', 1), line('pot', 1)])).toMatchObject({
      refusal: { code: 'order.mixed_currencies', detail: expect.stringContaining('EUR, GBP') },
    })
  })

  test('totals up to the largest exact integer, and refuses one unit more', () => {
    const most = given(product('a', 1, Number.MAX_SAFE_INTEGER - 250), product('b', 2, 250))
    expect(place(most, [line('a', 1), line('b', 1)])).toMatchObject({
      value: { total: { amount: Number.MAX_SAFE_INTEGER } },
    })
    expect(place(most, [line('a', 1), line('b', 2)])).toMatchObject({
      refusal: { code: 'order.total_too_large' },
    })
  })

  test('takes 2,000 skus, however many lines name them, and refuses one more', () => {
    const skus = Array.from({ length: 2_001 }, (_, i) => `sku-${i}`)
    const products = given(...skus.map((sku) => product(sku, 9)))
    const lines = skus.map((sku) => line(sku, 1))
    expect(place(products, [...lines.slice(0, 2_000), ...lines.slice(0, 2_000)])).toMatchObject({ ok: true })
    expect(place(products, lines)).toMatchObject({
      refusal: { code: 'order.too_many_lines', detail: expect.stringContaining('2000') },
    })
  })
})

describe('settling', () => {
  const order = aPlacedOrder(id, merchant)
  const payment = { amount: order.total, reference: 'p-1' }
  const justBefore = new Date(Date.parse(order.expiresAt) - 1)
  const end = new Date(order.expiresAt)

  test('a placed order is paid until its time ends', () => {
    expect(decidePayment(order, payment, justBefore)).toMatchObject({
      value: { status: 'paid', version: 2, paidAt: justBefore.toISOString(), payment },
    })
    expect(decidePayment(order, payment, end)).toMatchObject({
      refusal: { code: 'order.not_payable', detail: expect.stringContaining('expired') },
    })
  })

  test.each([
    ['less', { amount: order.total.amount - 1, currency: 'EUR' }],
    ['more', { amount: order.total.amount + 1, currency: 'EUR' }],
    ['another currency', { amount: order.total.amount, currency: 'GBP' }],
  ])('refuses a payment of %s', (_, amount) => {
    expect(decidePayment(order, { ...payment, amount: Money.parse(amount) }, now)).toMatchObject({
      refusal: { code: 'payment.amount_mismatch' },
    })
  })

  test('a placed order is cancelled, also when its time has ended', () => {
    for (const at of [now, end])
      expect(decideCancellation(order, at)).toMatchObject({
        value: { status: 'cancelled', version: 2, cancelledAt: at.toISOString() },
      })
  })

  test('a placed order expires when its time has ended and not before', () => {
    expect(decideExpiry(order, justBefore)).toBeUndefined()
    expect(decideExpiry(order, end)).toMatchObject({
      status: 'expired',
      version: 2,
      expiredAt: order.expiresAt,
    })
  })

  test('a settled order stays as it is', () => {
    const paid = decidePayment(order, payment, now)
    const cancelled = decideCancellation(order, now)
    const expired = decideExpiry(order, end)
    if (!paid.ok || !cancelled.ok || expired === undefined) throw new Error('all three are possible')
    for (const settled of [paid.value, cancelled.value, expired]) {
      expect(settled).not.toHaveProperty('expiresAt')
      expect(decidePayment(settled, payment, now)).toMatchObject({
        refusal: { code: 'order.not_payable', detail: expect.stringContaining(settled.status) },
      })
      expect(decideCancellation(settled, now)).toMatchObject({ refusal: { code: 'order.not_cancellable' } })
      expect(decideExpiry(settled, end)).toBeUndefined()
    }
  })
})
