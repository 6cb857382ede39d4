import type { StockroomEvent } from '../events/catalogue.ts'
import type { InMemoryAnswerStore } from '../idempotency/in-memory-answer-store.ts'
import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import type { InMemoryProductRepository } from '../product/in-memory-product-repository.ts'
import type { PaidOrders } from '../report/paid-orders.ts'
import type { UtcDay } from '../report/utc-day.ts'
import type { Order, OrderStatus, PaidOrder } from './order.ts'
import type { OrderChange, OrderCommit, OrderRepository } from './order-repository.ts'
import { OrderSummary } from './order-summary.ts'

/** Orders of all merchants; moves the stock of `products`, keeps answers in `answers` and appends events to `outbox`. */
export class InMemoryOrderRepository implements OrderRepository, PaidOrders {
  readonly #orders = new Map<string, Order>()
  readonly #products: InMemoryProductRepository
  readonly #answers: InMemoryAnswerStore
  readonly #outbox: StockroomEvent[]

  constructor({
    products,
    answers,
    outbox,
  }: {
    readonly products: InMemoryProductRepository
    readonly answers: InMemoryAnswerStore
    readonly outbox: StockroomEvent[]
  }) {
    this.#products = products
    this.#answers = answers
    this.#outbox = outbox
  }

  async find(merchant: MerchantId, id: OrderId): Promise<Order | undefined> {
    return structuredClone(this.#orders.get(`${merchant}#${id}`))
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

  // No await between the first check and the last write: that is the transaction.
  async commit({ order, stock, event, answer }: OrderChange): Promise<OrderCommit> {
    if (answer !== undefined && this.#answers.has(answer.request)) return { outcome: 'already_answered' }
    const key = `${order.merchant}#${order.id}`
    if ((this.#orders.get(key)?.version ?? 0) !== order.version - 1) return { outcome: 'version_moved' }
    const skus = this.#products.move(order.merchant, stock)
    if (skus.length > 0) return { outcome: 'stock_refused', skus }
    this.#orders.set(key, structuredClone(order))
    this.#outbox.push(structuredClone(event))
    if (answer !== undefined) this.#answers.put(answer)
    return { outcome: 'committed' }
  }

  async *due(now: Date): AsyncGenerator<{ readonly merchant: MerchantId; readonly id: OrderId }> {
    yield* [...this.#orders.values()]
      .filter((order) => order.status === 'placed')
      .filter(({ expiresAt }) => new Date(expiresAt) < now)
      .sort((a, b) => (a.expiresAt < b.expiresAt ? -1 : 1))
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
