import type { Product, StockMovement } from './product.ts'

/** The product after a movement, or `undefined` when a figure would become negative or inexact, or a delivery changes the currency. */
export const moveStock = (product: Product | undefined, movement: StockMovement): Product | undefined => {
  const { quantity } = movement
  switch (movement.kind) {
    case 'reserve':
      if (product === undefined || product.available < quantity) return undefined
      return { ...product, available: product.available - quantity, reserved: product.reserved + quantity }
    case 'sell':
      if (product === undefined || product.reserved < quantity) return undefined
      return { ...product, reserved: product.reserved - quantity, sold: product.sold + quantity }
    case 'release':
      if (product === undefined || product.reserved < quantity) return undefined
      return { ...product, reserved: product.reserved - quantity, available: product.available + quantity }
    case 'receive': {
      const { sku, name, unitPrice } = movement
      const before = product ?? { received: 0, available: 0, reserved: 0, sold: 0 }
      if (product !== undefined && product.unitPrice.currency !== unitPrice.currency) return undefined
      if (before.received > Number.MAX_SAFE_INTEGER - quantity) return undefined
      return {
        ...before,
        sku,
        name,
        unitPrice,
        received: before.received + quantity,
        available: before.available + quantity,
      }
    }
    default:
      return movement satisfies never
  }
}
