import { expect, test } from 'vitest'
import { CountingIds } from '../counting-ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { aLine, aPlacedOrder } from '../order/a-placed-order.ts'
import type { PaidOrder } from '../order/order.ts'
import { SalesTotals } from './sales-totals.ts'

const ids = new CountingIds()
const shop = MerchantId.parse('corner-shop')
const sold = (...lines: ReturnType<typeof aLine>[]): PaidOrder => {
  const { expiresAt: _, ...order } = aPlacedOrder(ids.next('ord'), shop, { lines })
  return {
    ...order,
    status: 'paid',
    version: 2,
    paidAt: order.placedAt,
    payment: { amount: order.total, reference: 'p' },
  }
}

test('lines stand in the order of their skus, whatever order they were sold in', () => {
  const totals = new SalesTotals()
  totals.add(sold(aLine('milk', 1, 100), aLine('cake', 2, 300)))
  totals.add(sold(aLine('tea', 3, 200), aLine('bread', 4, 50), aLine('milk', 5, 100)))
  const { rows, csv } = totals.csv(new Map())
  expect(rows).toBe(4)
  // A product that is not known any more has no name.
  expect(csv.split('\r\n').slice(1, -1)).toEqual([
    'bread,,4,200,EUR',
    'cake,,2,600,EUR',
    'milk,,6,600,EUR',
    'tea,,3,600,EUR',
  ])
})
