import type { KeyedAnswer } from '../idempotency/answer-store.ts'
import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import type { StockMovement } from '../product/product.ts'
import type { Sku } from '../sku.ts'
import type { Order, OrderStatus } from './order.ts'
import type { OrderEvent } from './order-event.ts'
import type { OrderSummary } from './order-summary.ts'

/** A decided change of one order with everything that must happen with it or not at all. */
export interface OrderChange {
  /** The order as it will be; `order.version - 1` is the version it must still have (0: it must not exist). */
  readonly order: Order
  readonly stock: readonly StockMovement[]
  readonly event: OrderEvent
  /** Absent when the clock and not a request asked for the change. */
  readonly answer?: KeyedAnswer
}

/** `stock_refused` names the skus whose condition failed; `version_moved` says that somebody else changed the order first. */
export type OrderCommit =
  | { readonly outcome: 'committed' }
  | { readonly outcome: 'already_answered' }
  | { readonly outcome: 'version_moved' }
  | { readonly outcome: 'stock_refused'; readonly skus: readonly Sku[] }

/** Keeps orders. One merchant's calls MUST never reach another's order. */
export interface OrderRepository {
  /** MUST read consistently: decisions rest on it. */
  find(merchant: MerchantId, id: OrderId): Promise<Order | undefined>

  /** Newest first; of one status if given. May lag behind the newest commits. */
  page(
    merchant: MerchantId,
    request: PageRequest & { readonly status?: OrderStatus },
  ): Promise<Page<OrderSummary>>

  /**
   * MUST write order, stock, answer and the event's outbox envelope in one transaction, or nothing: an order without its event cannot exist.
   * MUST refuse a movement that would make a figure negative. When several conditions fail, `already_answered` wins over the others.
   * @throws Busy when contention or throttling outlasts the time budget; nothing was written.
   */
  commit(change: OrderChange): Promise<OrderCommit>

  /** Placed orders whose time ended before `now`, oldest first, read in bounded pages; may be stale, so that the commit decides. */
  due(now: Date): AsyncIterable<{ readonly merchant: MerchantId; readonly id: OrderId }>
}
