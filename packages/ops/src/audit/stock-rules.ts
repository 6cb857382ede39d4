import * as z from 'zod/mini'
import type { Rule } from './check.ts'
import { sumBy } from './sum-by.ts'

const keyOf = ({ merchant, sku }: { readonly merchant: string; readonly sku: string }) => `${merchant}/${sku}`

/** received = available + reserved + sold, and nothing below zero. */
export const stockIsConserved: Rule = ({ products }) => ({
  promise: 'stock is conserved',
  counted: `${products.length} skus`,
  breaches: products
    .filter(
      ({ received, available, reserved, sold }) =>
        received !== available + reserved + sold || Math.min(received, available, reserved, sold) < 0,
    )
    .map(
      (product) =>
        `${keyOf(product)}: received ${product.received}, available ${product.available}, reserved ${product.reserved}, sold ${product.sold}`,
    ),
})

/** What is reserved and sold is what the orders say, line by line. */
export const stockMatchesOrders: Rule = ({ products, orders }) => {
  const unitsOf = (status: string) =>
    sumBy(
      orders
        .filter((order) => order.status === status)
        .flatMap(({ merchant, lines }) => lines.map(({ sku, quantity }) => ({ merchant, sku, quantity }))),
      keyOf,
      ({ quantity }) => quantity,
    )
  const placed = unitsOf('placed')
  const paid = unitsOf('paid')
  const known = new Set(products.map(keyOf))
  return {
    promise: 'stock matches the orders',
    counted: `${orders.length} orders`,
    breaches: [
      ...products.flatMap((product) => {
        const [reserved, sold] = [placed.get(keyOf(product)) ?? 0, paid.get(keyOf(product)) ?? 0]
        return reserved === product.reserved && sold === product.sold
          ? []
          : [
              `${keyOf(product)}: reserved ${product.reserved} for ${reserved} ordered, sold ${product.sold} for ${sold} paid`,
            ]
      }),
      ...[...placed.keys(), ...paid.keys()]
        .filter((key) => !known.has(key))
        .map((key) => `${key}: ordered, but no such product`),
    ],
  }
}

/** No long order is half reserved, and none that was settled has stock that has not followed. */
export const nothingIsHalfDone: Rule = ({ orders, halfDone }) => ({
  promise: 'nothing is half done',
  counted: `${orders.length} orders`,
  breaches: halfDone.map(({ merchant, orderId, what }) => `${merchant}/${orderId}: ${what}`),
})

const Received = z.object({ items: z.array(z.object({ sku: z.string(), quantity: z.int() })) })

/** Every unit received left as an event, once. */
export const stockMatchesReceipts: Rule = ({ products, envelopes }) => {
  const receipts = envelopes.flatMap(({ merchant, events }) =>
    events
      .filter(({ type }) => type === 'stock.received.v1')
      .flatMap(({ data }) => Received.parse(data).items.map((item) => ({ merchant, ...item }))),
  )
  const received = sumBy(receipts, keyOf, ({ quantity }) => quantity)
  return {
    promise: 'stock matches the deliveries',
    counted: `${receipts.length} receipts`,
    breaches: products
      .filter((product) => product.received !== (received.get(keyOf(product)) ?? 0))
      .map(
        (product) =>
          `${keyOf(product)}: received ${product.received}, in events ${received.get(keyOf(product)) ?? 0}`,
      ),
  }
}
