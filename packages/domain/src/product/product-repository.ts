import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import type { Sku } from '../sku.ts'
import type { Product } from './product.ts'

/** Reads products; figures change only through the commits of orders and uploads. */
export interface ProductRepository {
  /** Unknown skus are absent from the result. MUST read consistently: a refusal that rests on it is stored. Figures may have moved by the commit, which decides. */
  findAll(merchant: MerchantId, skus: readonly Sku[]): Promise<ReadonlyMap<Sku, Product>>
  /** In the order of their skus. */
  page(merchant: MerchantId, request: PageRequest): Promise<Page<Product>>
}
