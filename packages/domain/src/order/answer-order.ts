import { Busy } from '../busy.ts'
import type { Cause } from '../cause.ts'
import { type Answered, answerOnce } from '../idempotency/answer-once.ts'
import type { AnswerStore } from '../idempotency/answer-store.ts'
import type { KeyedRequest } from '../idempotency/keyed-request.ts'
import { OrderId } from '../ids.ts'
import type { Outcome } from '../refusal.ts'
import { type FinishStockDependencies, finishStock } from './finish-stock.ts'
import { isLong } from './long-order.ts'
import { Order } from './order.ts'
import { orderChange } from './order-change.ts'

export interface AnswerOrderDependencies extends FinishStockDependencies {
  readonly answers: AnswerStore
}

const attempts = 3

/** How long a request goes on with the stock of a long order: with one more transaction it still ends within the 28 s that a request has. */
const stepsMilliseconds = 12_000

/** Brings a long order on as far as a request has the time for. @throws Busy when it is still not decided by then. */
export const finishForRequest = (
  dependencies: FinishStockDependencies,
  { merchant }: KeyedRequest,
  id: OrderId,
): Promise<boolean> =>
  finishStock(dependencies, {
    merchant,
    id,
    until: new Date(dependencies.clock.now().getTime() + stepsMilliseconds),
  })

/**
 * Decides what a keyed request makes of an order, and commits the decision with its answer, once. Facts that moved between
 * decision and commit are read and decided again. A long order is begun instead, then finished in steps; `pointers` says where the request names its lines.
 * @throws Busy when the facts keep moving, or the steps take too long; a repeat under the same key is safe and goes on.
 */
export const answerOrder = (
  dependencies: AnswerOrderDependencies,
  { request, cause }: { readonly request: KeyedRequest; readonly cause: Cause },
  decide: (now: Date) => Promise<Outcome<Order>>,
  pointers: readonly string[] = [],
): Promise<Answered<Order>> => {
  const { orders, answers, ids, clock } = dependencies
  const attempt = async () => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const outcome = await decide(clock.now())
      if (!outcome.ok) return outcome
      const order = outcome.value
      if (order.status === 'placed' && isLong(order))
        return orders.begin({ order, pointers: [...pointers], request, cause })
      const commit = await orders.commit(orderChange({ ids, clock }, cause, order, { request, outcome }))
      if (commit.outcome === 'already_answered') return 'already_answered'
      if (commit.outcome !== 'committed') continue
      if (isLong(order)) await finishForRequest(dependencies, request, order.id)
      return outcome
    }
    throw new Busy('The stock')
  }
  return answerOnce(answers, Order, request, attempt, (begun) =>
    finishForRequest(dependencies, request, OrderId.parse(begun)),
  )
}
