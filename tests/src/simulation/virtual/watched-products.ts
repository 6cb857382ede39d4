import type { MerchantId } from '@stockroom/domain/merchant-id'
import { InMemoryProductRepository } from '@stockroom/domain/product/in-memory-product-repository'
import type { StockMovement } from '@stockroom/domain/product/product'
import type { Sku } from '@stockroom/domain/sku'

/** Products that are looked at after every movement, which is every committed state: no figure below zero, and nothing appears or disappears. */
export class WatchedProducts extends InMemoryProductRepository {
  readonly #breaches = new Set<string>()

  override move(merchant: MerchantId, movements: readonly StockMovement[]): readonly Sku[] {
    const refused = super.move(merchant, movements)
    if (refused.length === 0 && movements.length > 0) this.#look()
    return refused
  }

  breaches(): readonly string[] {
    return [...this.#breaches]
  }

  #look(): void {
    for (const { merchant, product } of this.rows()) {
      const { sku, received, available, reserved, sold } = product
      if (received === available + reserved + sold && Math.min(available, reserved, sold) >= 0) continue
      this.#breaches.add(
        `${merchant}/${sku}: received ${received}, available ${available}, reserved ${reserved}, sold ${sold}`,
      )
    }
  }
}
