import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import type { Sku } from '../sku.ts'
import { moveStock } from './move-stock.ts'
import type { Product, StockMovement } from './product.ts'
import type { ProductRepository } from './product-repository.ts'

/** Products of all merchants in one map; the in-memory repositories of orders and uploads move its stock. */
export class InMemoryProductRepository implements ProductRepository {
  readonly #products = new Map<MerchantId, ReadonlyMap<Sku, Product>>()

  /** Applies all movements, or none and returns the skus that refused. At most one movement per sku. */
  move(merchant: MerchantId, movements: readonly StockMovement[]): readonly Sku[] {
    const products = new Map(this.#products.get(merchant))
    const refused = movements.filter((movement) => {
      const moved = moveStock(products.get(movement.sku), movement)
      if (moved === undefined) return true
      products.set(movement.sku, moved)
      return false
    })
    if (refused.length === 0) this.#products.set(merchant, products)
    return refused.map(({ sku }) => sku)
  }

  /** The units available of each sku; 0 of one that is unknown. For transactions that look at what refused them. */
  available(merchant: MerchantId, skus: readonly Sku[]): ReadonlyMap<Sku, number> {
    const products = this.#products.get(merchant)
    return new Map(skus.map((sku) => [sku, products?.get(sku)?.available ?? 0]))
  }

  /** Everything that is kept, for audits. */
  rows(): readonly { readonly merchant: MerchantId; readonly product: Product }[] {
    return [...this.#products].flatMap(([merchant, products]) =>
      [...products.values()].map((product) => ({ merchant, product })),
    )
  }

  async findAll(merchant: MerchantId, skus: readonly Sku[]): Promise<ReadonlyMap<Sku, Product>> {
    const wanted = new Set(skus)
    return new Map([...(this.#products.get(merchant) ?? [])].filter(([sku]) => wanted.has(sku)))
  }

  async page(merchant: MerchantId, { limit, after }: PageRequest): Promise<Page<Product>> {
    const rest = [...(this.#products.get(merchant)?.values() ?? [])]
      .filter(({ sku }) => after === undefined || sku > after)
      .sort((a, b) => (a.sku < b.sku ? -1 : 1))
    const items = rest.slice(0, limit)
    const last = items.at(-1)
    return last === undefined || rest.length <= limit ? { items } : { items, next: last.sku }
  }
}
