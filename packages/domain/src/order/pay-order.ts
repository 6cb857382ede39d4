import type { Cause } from '../cause.ts'
import type { Answered } from '../idempotency/answer-once.ts'
import type { KeyedRequest } from '../idempotency/keyed-request.ts'
import type { OrderId } from '../ids.ts'
import { type AnswerOrderDependencies, answerOrder } from './answer-order.ts'
import { decidePayment, type Payment } from './decide-payment.ts'
import { findForRequest } from './find-for-request.ts'
import type { Order } from './order.ts'
import { orderNotFound } from './order-not-found.ts'

export interface PayOrder {
  readonly request: KeyedRequest
  readonly cause: Cause
  readonly id: OrderId
  readonly payment: Payment
}

/** Sells the reserved stock of a placed order for its whole total. */
export const makePayOrder =
  (dependencies: AnswerOrderDependencies) =>
  (command: PayOrder): Promise<Answered<Order>> =>
    answerOrder(dependencies, command, async (now) => {
      const order = await findForRequest(dependencies, command)
      return order === undefined ? orderNotFound(command.id) : decidePayment(order, command.payment, now)
    })
