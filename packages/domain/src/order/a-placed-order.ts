import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { Money } from '../money.ts'
import { Sku } from '../sku.ts'
import type { OrderLine, PlacedOrder } from './order.ts'

/** A line for tests: two units at 10.00 EUR unless it says otherwise. */
export const aLine = (sku: string, quantity = 2, amount = 1_000): OrderLine => ({
  sku: Sku.parse(sku),
  quantity,
  unitPrice: Money.parse({ amount, currency: 'EUR' }),
})

/** A consistent placed order for tests; its time ends after 15 minutes. */
export const aPlacedOrder = (
  id: OrderId,
  merchant: MerchantId,
  {
    lines = [aLine('tea')],
    placedAt = '2026-11-23T09:00:00.000Z',
    reference = undefined as string | undefined,
  } = {},
): PlacedOrder => ({
  id,
  merchant,
  status: 'placed',
  version: 1,
  lines,
  total: Money.parse({
    amount: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0),
    currency: 'EUR',
  }),
  placedAt,
  expiresAt: new Date(Date.parse(placedAt) + 900_000).toISOString(),
  ...(reference === undefined ? {} : { reference }),
})
