import * as z from 'zod/mini'
import { event } from '../events/event.ts'
import { Money } from '../money.ts'
import { OrderLine } from './order.ts'

/** Stock is reserved for a new order. */
export const OrderPlacedV1 = event(
  'order.placed.v1',
  z.object({
    lines: z.array(OrderLine),
    total: Money,
    placedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    reference: z.optional(z.string()),
  }),
)
export type OrderPlacedV1 = z.infer<typeof OrderPlacedV1>
