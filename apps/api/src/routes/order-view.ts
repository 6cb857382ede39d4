import { OrderId } from '@stockroom/domain/ids'
import { Money } from '@stockroom/domain/money'
import { type Order, OrderLine, OrderStatus } from '@stockroom/domain/order/order'
import * as z from 'zod/mini'

/** An order as callers see it: without its merchant, who they are. Which of the times it has depends on its status. */
export const OrderView = z.object({
  id: OrderId,
  status: OrderStatus,
  /** Counts its changes; the sequence of its newest event. */
  version: z.int(),
  lines: z.array(OrderLine),
  total: Money,
  placedAt: z.iso.datetime(),
  reference: z.optional(z.string()),
  /** When its hold ends, while it is placed. */
  expiresAt: z.optional(z.iso.datetime()),
  paidAt: z.optional(z.iso.datetime()),
  payment: z.optional(z.object({ amount: Money, reference: z.string() })),
  cancelledAt: z.optional(z.iso.datetime()),
  expiredAt: z.optional(z.iso.datetime()),
})
export type OrderView = z.infer<typeof OrderView>

/** Members in the order of the schema, whichever store the order comes from: a replayed answer is the first one to the byte. */
export const viewOrder = (order: Order): OrderView => z.parse(OrderView, order)

/** For the API's description. */
export const exampleOrder = {
  id: 'ord_01KAR3ZJ5T8Q6W2V9X4Y7B1C3D',
  status: 'placed',
  version: 1,
  lines: [{ sku: '85123A', quantity: 6, unitPrice: { amount: 255, currency: 'GBP' } }],
  total: { amount: 1_530, currency: 'GBP' },
  placedAt: '2026-11-23T09:00:00.000Z',
  reference: '536365',
  expiresAt: '2026-11-23T09:15:00.000Z',
}
