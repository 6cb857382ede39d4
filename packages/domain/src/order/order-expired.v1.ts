import * as z from 'zod/mini'
import { event } from '../events/event.ts'
import { OrderLine } from './order.ts'

/** The order was neither paid nor cancelled in time; its stock is available again. */
export const OrderExpiredV1 = event(
  'order.expired.v1',
  z.object({ lines: z.array(OrderLine), expiredAt: z.iso.datetime() }),
)
export type OrderExpiredV1 = z.infer<typeof OrderExpiredV1>
