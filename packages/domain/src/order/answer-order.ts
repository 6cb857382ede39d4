import { Busy } from '../busy.ts'
import type { Cause } from '../cause.ts'
import type { EventSource } from '../events/event.ts'
import { type Answered, answerOnce } from '../idempotency/answer-once.ts'
import type { AnswerStore } from '../idempotency/answer-store.ts'
import type { KeyedRequest } from '../idempotency/keyed-request.ts'
import type { Outcome } from '../refusal.ts'
import { Order } from './order.ts'
import { orderChange } from './order-change.ts'
import type { OrderRepository } from './order-repository.ts'

export interface AnswerOrderDependencies extends EventSource {
  readonly orders: OrderRepository
  readonly answers: AnswerStore
}

const attempts = 3

/**
 * Decides what a keyed request makes of an order, and commits the decision with its answer, once. Facts that moved between
 * decision and commit are read and decided again. @throws Busy when they keep moving; nothing was written.
 */
export const answerOrder = (
  { orders, answers, ids, clock }: AnswerOrderDependencies,
  { request, cause }: { readonly request: KeyedRequest; readonly cause: Cause },
  decide: (now: Date) => Promise<Outcome<Order>>,
): Promise<Answered<Order>> =>
  answerOnce(answers, Order, request, async () => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const outcome = await decide(clock.now())
      if (!outcome.ok) return outcome
      const commit = await orders.commit(
        orderChange({ ids, clock }, cause, outcome.value, { request, outcome }),
      )
      if (commit.outcome === 'committed') return outcome
      if (commit.outcome === 'already_answered') return 'already_answered'
    }
    throw new Busy('The stock')
  })
