import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { generateShop } from './generate-shop.ts'

describe('the generated shop', () => {
  it('is the same for the same seed and another for another', () => {
    expect(generateShop(7)).toEqual(generateShop(7))
    expect(generateShop(7)).not.toEqual(generateShop(8))
  })

  it('counts the rows of its own files', () => {
    for (const { deliveries } of generateShop(1)) {
      for (const { csv, rowsAccepted, rowsRejected } of deliveries) {
        expect(parse(csv, { columns: true })).toHaveLength(rowsAccepted + rowsRejected)
      }
    }
  })

  it('has bad rows, repeated requests and every kind of shopper', () => {
    const shops = generateShop(1)
    const orders = shops.flatMap((shop) => shop.orders)
    expect(shops.flatMap((shop) => shop.deliveries).some(({ rowsRejected }) => rowsRejected > 0)).toBe(true)
    expect(orders.some(({ repeated }) => repeated)).toBe(true)
    expect(new Set(orders.map((order) => order.intent))).toEqual(new Set(['pay', 'cancel', 'forget']))
  })
})
