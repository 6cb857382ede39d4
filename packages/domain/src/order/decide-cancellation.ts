import { accepted, type Outcome, refused } from '../refusal.ts'
import type { CancelledOrder, Order } from './order.ts'

/** Gives a placed order up, also when its hold has ended and the clock has not been by: the stock returns either way. */
export const decideCancellation = (order: Order, now: Date): Outcome<CancelledOrder> => {
  if (order.status !== 'placed') return refused('order.not_cancellable', `The order is ${order.status}`)
  const { expiresAt: _, ...rest } = order
  return accepted({ ...rest, status: 'cancelled', version: 2, cancelledAt: now.toISOString() })
}
