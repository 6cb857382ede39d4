import * as z from 'zod/mini'
import { event } from '../events/event.ts'
import { OrderLine } from './order.ts'

/** The shop gave the order up; its stock is available again. */
export const OrderCancelledV1 = event(
  'order.cancelled.v1',
  z.object({ lines: z.array(OrderLine), cancelledAt: z.iso.datetime() }),
)
export type OrderCancelledV1 = z.infer<typeof OrderCancelledV1>
