import * as z from 'zod/mini'
import { OrderId } from '../ids.ts'
import { Money } from '../money.ts'
import { OrderStatus } from './order.ts'

/** What lists show of an order. */
export const OrderSummary = z.object({
  id: OrderId,
  status: OrderStatus,
  total: Money,
  placedAt: z.iso.datetime(),
  version: z.int(),
  /** How many different skus. */
  lineCount: z.int(),
  reference: z.optional(z.string()),
})
export type OrderSummary = z.infer<typeof OrderSummary>
