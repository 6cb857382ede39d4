import type { Currency } from '../money.ts'
import type { StockMovement } from '../product/product.ts'
import type { Sku } from '../sku.ts'
import type { DeliveryRow } from './read-row.ts'

export type ReceivedStock = Extract<StockMovement, { kind: 'receive' }>

/** What a chunk brings of one sku, and the lines that said so. */
export interface SkuDelivery {
  readonly stock: ReceivedStock
  readonly lines: readonly number[]
}

/**
 * Sums the rows of a chunk per sku (name and price of its last row) and cuts them, sorted by sku, into parts of one
 * transaction each. Depends on the rows alone, never on what stands in the store: part n holds the same skus at every delivery.
 */
export const stockParts = (
  rows: readonly DeliveryRow[],
  { currency, partSkus }: { readonly currency: Currency; readonly partSkus: number },
): readonly (readonly SkuDelivery[])[] => {
  const rowsBySku = Map.groupBy(rows, ({ sku }) => sku)
  const deliveries = [...rowsBySku]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([sku, its]) => deliver(sku, its, currency))
  return Array.from({ length: Math.ceil(deliveries.length / partSkus) }, (_, part) =>
    deliveries.slice(part * partSkus, (part + 1) * partSkus),
  )
}

const deliver = (sku: Sku, rows: readonly DeliveryRow[], currency: Currency): SkuDelivery => {
  const last = rows.at(-1)
  if (last === undefined) throw new RangeError(`No row of ${sku}`)
  return {
    stock: {
      kind: 'receive',
      sku,
      quantity: rows.reduce((sum, { quantity }) => sum + quantity, 0),
      name: last.name,
      unitPrice: { amount: last.amount, currency },
    },
    lines: rows.map(({ line }) => line),
  }
}
