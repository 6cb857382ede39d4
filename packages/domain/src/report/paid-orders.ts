import type { PaidOrder } from '../order/order.ts'
import type { UtcDay } from './utc-day.ts'

/** Tells what was sold. Apart from OrderRepository, so that who reports sales cannot write an order. */
export interface PaidOrders {
  /** All orders paid on a UTC day, grouped by merchant. Complete once the day is over by a few minutes: commits begun in it have then ended. */
  paidOn(day: UtcDay): AsyncIterable<PaidOrder>
}
