import type { StockroomEvent } from '../events/catalogue.ts'
import type { InMemoryAnswerStore } from '../idempotency/in-memory-answer-store.ts'
import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import type { InMemoryProductRepository } from '../product/in-memory-product-repository.ts'
import type { PaidOrders } from '../report/paid-orders.ts'
import type { UtcDay } from '../report/utc-day.ts'
import type { StockProgress } from './long-order.ts'
import type { Order, OrderStatus, PaidOrder } from './order.ts'
import type {
  OrderChange,
  OrderCommit,
  OrderRepository,
  ReservationEnd,
  StockStep,
  StockStepOutcome,
} from './order-repository.ts'
import { OrderSummary } from './order-summary.ts'
import type { Reservation } from './reservation.ts'

interface Progress extends StockProgress {
  readonly merchant: MerchantId
  readonly id: OrderId
  /** ISO 8601. */
  readonly dueAt: string
}

const keyOf = ({ merchant, id }: { readonly merchant: MerchantId; readonly id: OrderId }) =>
  `${merchant}#${id}`

/** Orders of all merchants; moves the stock of `products`, keeps answers in `answers` and appends events to `outbox`. */
export class InMemoryOrderRepository implements OrderRepository, PaidOrders {
  readonly #orders = new Map<string, Order>()
  readonly #reservations = new Map<string, Reservation>()
  readonly #progress = new Map<string, Progress>()
  readonly #products: InMemoryProductRepository
  readonly #answers: InMemoryAnswerStore
  readonly #outbox: Pick<StockroomEvent[], 'push'>

  constructor({
    products,
    answers,
    outbox,
  }: {
    readonly products: InMemoryProductRepository
    readonly answers: InMemoryAnswerStore
    readonly outbox: Pick<StockroomEvent[], 'push'>
  }) {
    this.#products = products
    this.#answers = answers
    this.#outbox = outbox
  }

  /** Every order, for audits. */
  rows(): readonly Order[] {
    return [...this.#orders.values()]
  }

  async find(merchant: MerchantId, id: OrderId): Promise<Order | undefined> {
    return structuredClone(this.#orders.get(keyOf({ merchant, id })))
  }

  async page(
    merchant: MerchantId,
    { limit, after, status }: PageRequest & { readonly status?: OrderStatus },
  ): Promise<Page<OrderSummary>> {
    const rest = [...this.#orders.values()]
      .filter((order) => order.merchant === merchant && (status === undefined || order.status === status))
      .filter(({ id }) => after === undefined || id < after)
      .sort((a, b) => (a.id < b.id ? 1 : -1))
    const items = rest
      .slice(0, limit)
      .map((order) => OrderSummary.parse({ ...order, lineCount: order.lines.length }))
    const last = items.at(-1)
    return last === undefined || rest.length <= limit ? { items } : { items, next: last.id }
  }

  // Here and below, no await between the first check and the last write: that is the transaction.
  async commit({ order, stock, follows, event, answer }: OrderChange): Promise<OrderCommit> {
    if (answer !== undefined && this.#answers.has(answer.request)) return { outcome: 'already_answered' }
    const key = keyOf(order)
    if ((this.#orders.get(key)?.version ?? 0) !== order.version - 1) return { outcome: 'version_moved' }
    const skus = this.#products.move(order.merchant, stock)
    if (skus.length > 0) return { outcome: 'stock_refused', skus }
    this.#orders.set(key, structuredClone(order))
    if (follows !== undefined) this.#follow(order, follows.progress, follows.dueAt)
    this.#outbox.push(structuredClone(event))
    if (answer !== undefined) this.#answers.put(answer)
    return { outcome: 'committed' }
  }

  async begin(reservation: Reservation): Promise<'begun' | 'already_answered'> {
    const { order, request } = reservation
    if (this.#answers.has(request)) return 'already_answered'
    this.#answers.begin(request, order.id)
    this.#reservations.set(keyOf(order), structuredClone(reservation))
    this.#follow(order, { kind: 'reserve', reserved: 0 }, new Date(order.expiresAt))
    return 'begun'
  }

  async findReservation(merchant: MerchantId, id: OrderId): Promise<Reservation | undefined> {
    return structuredClone(this.#reservations.get(keyOf({ merchant, id })))
  }

  async findProgress(merchant: MerchantId, id: OrderId): Promise<StockProgress | undefined> {
    const progress = this.#progress.get(keyOf({ merchant, id }))
    return progress && { kind: progress.kind, reserved: progress.reserved }
  }

  async moveStock(step: StockStep): Promise<StockStepOutcome> {
    const { merchant, from, to, stock } = step
    const key = keyOf(step)
    const progress = this.#at(key, from)
    if (progress === undefined) return { outcome: 'overtaken' }
    const refused = this.#products.move(merchant, stock)
    if (refused.length > 0)
      return { outcome: 'stock_refused', available: this.#products.available(merchant, refused) }
    if (to.reserved === 0 && to.kind !== 'reserve') this.#comeToRest(key)
    else this.#progress.set(key, { ...progress, ...to })
    return { outcome: 'moved' }
  }

  async place({ order, event, answer }: Parameters<OrderRepository['place']>[0]) {
    const key = keyOf(order)
    if (this.#at(key, { kind: 'reserve', reserved: order.lines.length }) === undefined) return 'overtaken'
    this.#orders.set(key, structuredClone(order))
    this.#outbox.push(structuredClone(event))
    this.#answers.put(answer)
    this.#comeToRest(key)
    return 'placed'
  }

  async refuse({ id, reserved, answer, dueAt }: ReservationEnd): Promise<'refused' | 'overtaken'> {
    const { merchant } = answer.request
    const key = keyOf({ merchant, id })
    if (this.#at(key, { kind: 'reserve', reserved }) === undefined) return 'overtaken'
    this.#answers.put(answer)
    if (reserved === 0) this.#comeToRest(key)
    else this.#follow({ merchant, id }, { kind: 'undo', reserved }, dueAt)
    return 'refused'
  }

  /** Orders whose stock is not at rest; none when everything has ended. */
  unfinished(): readonly (StockProgress & { readonly merchant: MerchantId; readonly id: OrderId })[] {
    return [...this.#progress.values()]
  }

  #at(key: string, { kind, reserved }: StockProgress): Progress | undefined {
    const progress = this.#progress.get(key)
    return progress?.kind === kind && progress.reserved === reserved ? progress : undefined
  }

  #follow(
    { merchant, id }: { readonly merchant: MerchantId; readonly id: OrderId },
    { kind, reserved }: StockProgress,
    dueAt: Date,
  ): void {
    this.#progress.set(keyOf({ merchant, id }), { merchant, id, kind, reserved, dueAt: dueAt.toISOString() })
  }

  #comeToRest(key: string): void {
    this.#progress.delete(key)
    this.#reservations.delete(key)
  }

  async *due(now: Date): AsyncGenerator<{ readonly merchant: MerchantId; readonly id: OrderId }> {
    const holds = [...this.#orders.values()]
      .filter((order) => order.status === 'placed')
      .map(({ merchant, id, expiresAt }) => ({ merchant, id, dueAt: expiresAt }))
    yield* [...holds, ...this.#progress.values()]
      .filter(({ dueAt }) => new Date(dueAt) < now)
      .sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1))
      .map(({ merchant, id }) => ({ merchant, id }))
  }

  async *paidOn(day: UtcDay): AsyncGenerator<PaidOrder> {
    yield* [...this.#orders.values()]
      .filter((order) => order.status === 'paid')
      .filter(({ paidAt }) => paidAt.startsWith(day))
      .sort((a, b) => (a.merchant < b.merchant ? -1 : 1))
      .map((order) => structuredClone(order))
  }
}
