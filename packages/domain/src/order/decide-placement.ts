import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Product } from '../product/product.ts'
import { accepted, type Outcome, refused } from '../refusal.ts'
import type { Sku } from '../sku.ts'
import type { MergedLine } from './merge-lines.ts'
import type { OrderLine, PlacedOrder } from './order.ts'

/** How long the stock of an order stays reserved without payment, unless the caller asks for less. */
export const defaultHoldSeconds = 15 * 60

/** What a caller says of a new order, its lines merged. */
export interface NewOrder {
  readonly lines: readonly MergedLine[]
  readonly holdSeconds?: number
  readonly reference?: string
}

/** Prices a new order by the merchant's products and checks that each has the units; the commit checks them once more. */
export const decidePlacement = (
  products: ReadonlyMap<Sku, Product>,
  { lines: wanted, holdSeconds = defaultHoldSeconds, reference }: NewOrder,
  { id, merchant, now }: { readonly id: OrderId; readonly merchant: MerchantId; readonly now: Date },
): Outcome<PlacedOrder> => {
  const unknown = wanted.filter(({ sku }) => !products.has(sku))
  if (unknown.length > 0)
    return refused(
      'order.unknown_sku',
      'No delivery has brought some of these skus yet',
      unknown.map(({ sku, pointer }) => ({ pointer: `${pointer}/sku`, detail: `${sku} is unknown` })),
    )

  const lines: OrderLine[] = []
  const short: Shortage[] = []
  for (const line of wanted) {
    const { sku, quantity } = line
    const product = products.get(sku)
    if (product === undefined) continue
    lines.push({ sku, quantity, unitPrice: product.unitPrice })
    if (product.available < quantity) short.push({ ...line, available: product.available })
  }

  const [currency, ...others] = new Set(lines.map(({ unitPrice }) => unitPrice.currency))
  if (currency === undefined) throw new RangeError('An order without lines')
  if (others.length > 0)
    return refused(
      'order.mixed_currencies',
      `An order has one currency; these skus are priced in ${[currency, ...others].join(', ')}`,
    )

  const total = lines.reduce((sum, line) => sum + BigInt(line.quantity) * BigInt(line.unitPrice.amount), 0n)
  if (total > Number.MAX_SAFE_INTEGER)
    return refused('order.total_too_large', `A total of ${total} minor units is more than can be charged`)

  if (short.length > 0) return insufficientStock(short)

  return accepted({
    id,
    merchant,
    status: 'placed',
    version: 1,
    lines,
    total: { amount: Number(total), currency },
    placedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + holdSeconds * 1_000).toISOString(),
    ...(reference === undefined ? {} : { reference }),
  })
}

type Shortage = MergedLine & { readonly available: number }

/** The refusal that names the lines of which there is not enough. */
export const insufficientStock = (short: readonly Shortage[]) =>
  refused(
    'order.insufficient_stock',
    'Some skus have fewer units available than wanted',
    short.map(({ pointer, sku, quantity, available }) => ({
      pointer: `${pointer}/quantity`,
      detail: `${quantity} of ${sku} wanted, ${available} available`,
    })),
  )
