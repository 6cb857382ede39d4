import * as z from 'zod/mini'
import { Money } from '../money.ts'
import { Sku } from '../sku.ts'

const Units = z.int().check(z.minimum(0))

/** Stock of one sku of one merchant. Conservation, always: `received = available + reserved + sold`. */
export const Product = z.object({
  sku: Sku,
  name: z.string(),
  unitPrice: Money,
  received: Units,
  available: Units,
  reserved: Units,
  sold: Units,
})
export type Product = z.infer<typeof Product>

/**
 * One change of one sku's figures. Each kind moves units between two figures or receives new ones,
 * so that a movement which breaks conservation cannot be written down.
 */
export type StockMovement =
  | { readonly kind: 'reserve' | 'sell' | 'release'; readonly sku: Sku; readonly quantity: number }
  | {
      readonly kind: 'receive'
      readonly sku: Sku
      readonly quantity: number
      readonly name: string
      readonly unitPrice: Money
    }
