import { csvCell } from '../csv/csv-cell.ts'
import type { PaidOrder } from '../order/order.ts'
import type { Product } from '../product/product.ts'
import type { Sku } from '../sku.ts'

interface SkuSales {
  readonly sku: Sku
  readonly currency: string
  units: bigint
  revenue: bigint
}

/** One merchant's sold units and revenue per sku and currency, summed exactly. */
export class SalesTotals {
  readonly #sales = new Map<string, SkuSales>()

  add(order: PaidOrder): void {
    for (const { sku, quantity, unitPrice } of order.lines) {
      const { amount, currency } = unitPrice
      const key = `${sku} ${currency}`
      const sales = this.#sales.get(key) ?? { sku, currency, units: 0n, revenue: 0n }
      sales.units += BigInt(quantity)
      sales.revenue += BigInt(quantity) * BigInt(amount)
      this.#sales.set(key, sales)
    }
  }

  get skus(): readonly Sku[] {
    return [...new Set([...this.#sales.values()].map(({ sku }) => sku))]
  }

  /** The report in the order of skus; revenue in minor units. */
  csv(products: ReadonlyMap<Sku, Product>): { readonly rows: number; readonly csv: string } {
    const rows = [...this.#sales]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { sku, currency, units, revenue }]) =>
        [sku, products.get(sku)?.name ?? '', String(units), String(revenue), currency].map(csvCell).join(','),
      )
    return {
      rows: rows.length,
      csv: ['sku,name,quantity,revenue_minor_units,currency', ...rows, ''].join('\r\n'),
    }
  }
}
