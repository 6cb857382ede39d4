import { accepted, type Outcome, refused } from '../refusal.ts'
import type { Sku } from '../sku.ts'

/** What a caller asks for; prices are the shop's own. */
export interface RequestedLine {
  readonly sku: Sku
  readonly quantity: number
}

/** All that is asked for of one sku; `pointer` points at the line of the request that names it first (RFC 6901). */
export interface MergedLine extends RequestedLine {
  readonly pointer: string
}

/** So many, each of 64 characters, still fit one item of 400 KB: the order, its answer, its event (measured in long-orders.int.test.ts of the adapters). */
export const maxSkusPerOrder = 2_000

/** Sums lines of the same sku, in the order of their first mention. Refuses more skus than an order can hold. */
export const mergeLines = (lines: readonly RequestedLine[]): Outcome<readonly MergedLine[]> => {
  const merged = new Map<Sku, MergedLine>()
  lines.forEach(({ sku, quantity }, index) => {
    const earlier = merged.get(sku) ?? { sku, quantity: 0, pointer: `#/lines/${index}` }
    merged.set(sku, { ...earlier, quantity: earlier.quantity + quantity })
  })
  if (merged.size <= maxSkusPerOrder) return accepted([...merged.values()])
  return refused(
    'order.too_many_lines',
    `An order takes at most ${maxSkusPerOrder} different skus; this one has ${merged.size}`,
  )
}
