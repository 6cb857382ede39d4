import * as z from 'zod/mini'
import { OrderId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { Money } from '../money.ts'
import { Sku } from '../sku.ts'

/** One sku of an order at the price it was placed for; its quantity sums the lines of the request that named it. */
export const OrderLine = z.object({ sku: Sku, quantity: z.int().check(z.minimum(1)), unitPrice: Money })
export type OrderLine = z.infer<typeof OrderLine>

const common = {
  id: OrderId,
  merchant: MerchantId,
  lines: z.array(OrderLine).check(z.minLength(1)),
  /** Sum of quantity × unit price over the lines. */
  total: Money,
  placedAt: z.iso.datetime(),
  /** The shop's own number for it, if it gave one. */
  reference: z.optional(z.string()),
}

export const PlacedOrder = z.object({
  ...common,
  status: z.literal('placed'),
  version: z.literal(1),
  expiresAt: z.iso.datetime(),
})
export type PlacedOrder = z.infer<typeof PlacedOrder>

/**
 * An order in one of its states; a paid order without its payment or an expired one without its time cannot be written down.
 * `version` counts its changes and is the sequence of its newest event.
 */
export const Order = z.discriminatedUnion('status', [
  PlacedOrder,
  z.object({
    ...common,
    status: z.literal('paid'),
    version: z.literal(2),
    paidAt: z.iso.datetime(),
    payment: z.object({ amount: Money, reference: z.string() }),
  }),
  z.object({
    ...common,
    status: z.literal('cancelled'),
    version: z.literal(2),
    cancelledAt: z.iso.datetime(),
  }),
  z.object({ ...common, status: z.literal('expired'), version: z.literal(2), expiredAt: z.iso.datetime() }),
])
export type Order = z.infer<typeof Order>

/** The word for each state. */
export const OrderStatus = z.enum({
  placed: 'placed',
  paid: 'paid',
  cancelled: 'cancelled',
  expired: 'expired',
} satisfies { [S in Order['status']]: S })
export type OrderStatus = z.infer<typeof OrderStatus>

export type PaidOrder = Extract<Order, { status: 'paid' }>
export type CancelledOrder = Extract<Order, { status: 'cancelled' }>
export type ExpiredOrder = Extract<Order, { status: 'expired' }>
