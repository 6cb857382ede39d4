import type { OrderLine } from './order.ts'

/** A store's transaction takes 100 items; three of them are the order, the answer and the outbox envelope. */
export const maxSkusAtOnce = 97

/** Skus in one step of a longer order: 100 items, less its progress and, in the last step of an undone reservation, that. */
export const skusPerPart = 98

/** Whether the stock of an order is more than one transaction takes, and moves in parts. */
export const isLong = ({ lines }: { readonly lines: readonly unknown[] }): boolean =>
  lines.length > maxSkusAtOnce

/**
 * How far the stock of a long order has moved: `reserve` takes it part by part for an order that is not placed yet, `undo` gives back what
 * a refused one had taken, `sell` and `release` follow an order that was settled.
 */
export interface StockProgress {
  readonly kind: 'reserve' | 'undo' | 'sell' | 'release'
  /** How many lines, in the order of their skus, are reserved. Lines and not parts, so that the size of a part may change while orders are under way. */
  readonly reserved: number
}

/** The next count of `reserved`: a part more while reserving, else a part less. */
export const nextReserved = ({ kind, reserved }: StockProgress, lineCount: number): number =>
  kind === 'reserve' ? Math.min(lineCount, reserved + skusPerPart) : Math.max(0, reserved - skusPerPart)

/**
 * Lines in the order in which every long order takes its stock. One order for all: of orders that want the same last units one gets all of its
 * own, while in different orders each could hold what the other lacks.
 */
export const inOrderOfSkus = (lines: readonly OrderLine[]): readonly OrderLine[] =>
  lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1))
