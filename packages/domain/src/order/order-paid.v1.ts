import * as z from 'zod/mini'
import { event } from '../events/event.ts'
import { Money } from '../money.ts'

/** The reserved stock is sold and the money captured. */
export const OrderPaidV1 = event(
  'order.paid.v1',
  z.object({
    total: Money,
    paidAt: z.iso.datetime(),
    payment: z.object({ amount: Money, reference: z.string() }),
  }),
)
export type OrderPaidV1 = z.infer<typeof OrderPaidV1>
