import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { OrderId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import type { Order } from '@stockroom/domain/order/order'
import { clockShards, expiryShard, orderKey, ordersByStatus, paidDayShard, shardOf } from './keys.ts'

/** Where expire-orders finds an order when its time has come. */
export const dueKeys = (
  { merchant, id }: { readonly merchant: MerchantId; readonly id: OrderId },
  dueAt: string,
): { readonly clockKey: string; readonly clockSort: string } => ({
  clockKey: expiryShard(shardOf(id, clockShards)),
  clockSort: `${dueAt}#${merchant}#${id}`,
})

/** Who looks at an order when time passes: the one that ends holds, the one that tells a day's sales, or nobody. */
const clockKeys = (order: Order): { readonly clockKey: string; readonly clockSort: string } | undefined => {
  switch (order.status) {
    case 'placed':
      return dueKeys(order, order.expiresAt)
    case 'paid':
      return {
        clockKey: paidDayShard(order.paidAt.slice(0, 10), shardOf(order.id, clockShards)),
        clockSort: `${order.merchant}#${order.id}`,
      }
    case 'cancelled':
    case 'expired':
      return undefined
    default:
      return order satisfies never
  }
}

/** Merchant and id at the end of any `clockSort`. */
export const readClockSort = (clockSort: string): { readonly merchant: MerchantId; readonly id: OrderId } => {
  const [merchant, id] = clockSort.split('#').slice(-2)
  return { merchant: MerchantId.parse(merchant), id: OrderId.parse(id) }
}

/** An order as an item of the shop table; `Order.parse` of its attributes reads it back. */
export const orderItem = (order: Order): Record<string, AttributeValue> =>
  marshall({
    ...order,
    ...orderKey(order.merchant, order.id),
    lineCount: order.lines.length,
    statusKey: ordersByStatus(order.merchant, order.status),
    // Identifiers sort by the time they were made and never change, so that a cursor stays good while orders change state.
    statusSort: order.id,
    ...clockKeys(order),
  })
