import type { Order } from './order.ts'
import type { OrderSummary } from './order-repository.ts'

/** What lists show of an order. */
export const summarizeOrder = ({
  id,
  status,
  total,
  placedAt,
  version,
  lines,
  reference,
}: Order): OrderSummary => ({
  id,
  status,
  total,
  placedAt,
  version,
  lineCount: lines.length,
  ...(reference === undefined ? {} : { reference }),
})
