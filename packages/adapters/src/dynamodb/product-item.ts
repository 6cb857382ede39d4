import { Product } from '@stockroom/domain/product/product'

/** Reads a product item; `stock-movement-update.ts` writes it. @throws ZodError when it is none. */
export const readProduct = (item: Record<string, unknown>): Product =>
  Product.parse({
    ...item,
    sku: item.sk,
    unitPrice: { amount: item.amount, currency: item.currency },
  })
