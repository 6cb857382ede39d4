import type { Cause } from '../cause.ts'
import { attributesOf, type EventSource } from '../events/event.ts'
import type { KeyedAnswer } from '../idempotency/answer-store.ts'
import type { StockMovement } from '../product/product.ts'
import { isLong } from './long-order.ts'
import type { Order, OrderStatus } from './order.ts'
import type { OrderEvent } from './order-event.ts'
import type { OrderChange } from './order-repository.ts'

const movementInto = {
  placed: 'reserve',
  paid: 'sell',
  cancelled: 'release',
  expired: 'release',
} as const satisfies Record<OrderStatus, StockMovement['kind']>

/** After this time the clock finishes what a request began; a request that still runs is not disturbed by it. */
export const abandonedAfterMilliseconds = 60_000

/** The change that brings an order into its state: the state says which way the stock moves and which event leaves. The stock of a long order is not in it. */
export const orderChange = (
  source: EventSource,
  cause: Cause,
  order: Order,
  answer?: KeyedAnswer,
): OrderChange => ({
  order,
  ...stockOf(source, order),
  event: eventOf(source, cause, order),
  ...(answer === undefined ? {} : { answer }),
})

const stockOf = ({ clock }: EventSource, order: Order): Pick<OrderChange, 'stock' | 'follows'> => {
  const kind = movementInto[order.status]
  if (!isLong(order)) return { stock: order.lines.map(({ sku, quantity }) => ({ kind, sku, quantity })) }
  // Reserved before it is placed, moved on after it is settled.
  if (kind === 'reserve') return { stock: [] }
  const dueAt = new Date(clock.now().getTime() + abandonedAfterMilliseconds)
  return { stock: [], follows: { progress: { kind, reserved: order.lines.length }, dueAt } }
}

const eventOf = (source: EventSource, cause: Cause, order: Order): OrderEvent => {
  const { merchant, id: subject, version, lines, total } = order
  const attributes = attributesOf(source, { merchant, subject, version, cause })
  switch (order.status) {
    case 'placed': {
      const { placedAt, expiresAt, reference } = order
      const data = { lines, total, placedAt, expiresAt, ...(reference === undefined ? {} : { reference }) }
      return { ...attributes, type: 'order.placed.v1', data }
    }
    case 'paid':
      return {
        ...attributes,
        type: 'order.paid.v1',
        data: { total, paidAt: order.paidAt, payment: order.payment },
      }
    case 'cancelled':
      return { ...attributes, type: 'order.cancelled.v1', data: { lines, cancelledAt: order.cancelledAt } }
    case 'expired':
      return { ...attributes, type: 'order.expired.v1', data: { lines, expiredAt: order.expiredAt } }
    default:
      return order satisfies never
  }
}
