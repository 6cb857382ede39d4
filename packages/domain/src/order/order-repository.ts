import type { KeyedAnswer } from '../idempotency/answer-store.ts'
import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import type { StockMovement } from '../product/product.ts'
import type { Sku } from '../sku.ts'
import type { StockProgress } from './long-order.ts'
import type { Order, OrderStatus } from './order.ts'
import type { OrderEvent } from './order-event.ts'
import type { OrderSummary } from './order-summary.ts'
import type { Reservation } from './reservation.ts'

/** A decided change of one order with everything that must happen with it or not at all. */
export interface OrderChange {
  /** The order as it will be; `order.version - 1` is the version it must still have (0: it must not exist). */
  readonly order: Order
  readonly stock: readonly StockMovement[]
  /** Of a long order, whose `stock` is empty: the movement that follows in steps, and when the clock goes on with it if nobody else does. */
  readonly follows?: { readonly progress: StockProgress; readonly dueAt: Date }
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

/** One step of a long order's stock: from one count of reserved lines to the next. */
export interface StockStep {
  readonly merchant: MerchantId
  readonly id: OrderId
  readonly from: StockProgress
  readonly to: StockProgress
  readonly stock: readonly StockMovement[]
}

/** `overtaken` says that the progress is no longer the one named: somebody else took the step, or the order another way. It wins over `stock_refused`. */
export type StockStepOutcome =
  | { readonly outcome: 'moved' }
  | { readonly outcome: 'overtaken' }
  /** The skus whose condition failed, with the units that were available. */
  | { readonly outcome: 'stock_refused'; readonly available: ReadonlyMap<Sku, number> }

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
   * MUST write order, stock or the progress that follows, answer and the event's outbox envelope in one transaction, or nothing: an order without its event cannot exist.
   * MUST refuse a movement that would make a figure negative. When several conditions fail, `already_answered` wins over the others.
   * @throws Busy when contention or throttling outlasts the time budget; nothing was written.
   */
  commit(change: OrderChange): Promise<OrderCommit>

  /**
   * Placed orders whose time ended before `now`, and orders with a stock progress that was due before it, oldest first, read in bounded
   * pages; may be stale, so that the commit decides.
   */
  due(now: Date): AsyncIterable<{ readonly merchant: MerchantId; readonly id: OrderId }>

  /**
   * MUST write the reservation, its progress (`reserve` of 0 lines, due when the hold ends) and, as the answer of its request, that the order's id
   * is begun, in one transaction or nothing; `already_answered` when the request has an answer or begun one. No list shows the order, `find` does not find it.
   */
  begin(reservation: Reservation): Promise<'begun' | 'already_answered'>

  /** MUST read consistently. */
  findReservation(merchant: MerchantId, id: OrderId): Promise<Reservation | undefined>

  /** How far the stock of a long order has moved; `undefined` when it is at rest. MUST read consistently. */
  findProgress(merchant: MerchantId, id: OrderId): Promise<StockProgress | undefined>

  /**
   * MUST move the stock and the progress in one transaction, on the condition that the progress is still `from`: a step that is taken twice, or by one
   * who was overtaken, changes nothing. At 0 lines of any kind but `reserve` it removes the progress, and with the one of `undo` the reservation.
   * @throws Busy as `commit`.
   */
  moveStock(step: StockStep): Promise<StockStepOutcome>

  /**
   * Commits an order whose reservation is complete: MUST write order, answer and envelope and remove reservation and progress in one
   * transaction, on the condition that the progress is `reserve` of all lines. @throws Busy as `commit`.
   */
  place(change: OrderChange & { readonly answer: KeyedAnswer }): Promise<'placed' | 'overtaken'>

  /**
   * Ends a reservation that cannot be completed: MUST write the answer and turn the progress into `undo` of as many lines, or remove it and the reservation
   * if there are none, in one transaction, on the condition that the progress is `reserve` of `reserved` lines. @throws Busy as `commit`.
   */
  refuse(end: ReservationEnd): Promise<'refused' | 'overtaken'>
}

/** How a reservation of an order that cannot be placed ends. */
export interface ReservationEnd {
  readonly id: OrderId
  readonly reserved: number
  readonly answer: KeyedAnswer
  /** When the clock goes on giving back what is reserved, if nobody else does. */
  readonly dueAt: Date
}
