import type { ExpiredOrder, Order } from './order.ts'

/** Ends a placed order whose hold is over; `undefined` when there is nothing to end. */
export const decideExpiry = (order: Order, now: Date): ExpiredOrder | undefined => {
  if (order.status !== 'placed' || now < new Date(order.expiresAt)) return undefined
  const { expiresAt: _, ...rest } = order
  return { ...rest, status: 'expired', version: 2, expiredAt: now.toISOString() }
}
