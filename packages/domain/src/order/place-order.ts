import type { Cause } from '../cause.ts'
import type { Answered } from '../idempotency/answer-once.ts'
import type { KeyedRequest } from '../idempotency/keyed-request.ts'
import type { ProductRepository } from '../product/product-repository.ts'
import type { Outcome } from '../refusal.ts'
import { type AnswerOrderDependencies, answerOrder } from './answer-order.ts'
import { decidePlacement } from './decide-placement.ts'
import { mergeLines, type RequestedLine } from './merge-lines.ts'
import type { Order } from './order.ts'

/** At least one line; `holdSeconds` from 1 to 900, 900 if absent. */
export interface PlaceOrder {
  readonly request: KeyedRequest
  readonly cause: Cause
  readonly lines: readonly RequestedLine[]
  readonly holdSeconds?: number
  readonly reference?: string
}

/**
 * Reserves stock for a new order, all of it or none; `order-change.ts` makes the event that leaves with it. An order of more skus than one
 * transaction takes is begun and then finished in steps by `finish-stock.ts`.
 * Next stop: the commit in packages/adapters/src/dynamodb/dynamodb-order-repository.ts.
 */
export const makePlaceOrder =
  ({ products, ...dependencies }: AnswerOrderDependencies & { readonly products: ProductRepository }) =>
  (command: PlaceOrder): Promise<Answered<Order>> => {
    const { merchant } = command.request
    const merged = mergeLines(command.lines)
    const decide = async (now: Date): Promise<Outcome<Order>> => {
      if (!merged.ok) return merged
      const lines = merged.value
      const known = await products.findAll(
        merchant,
        lines.map(({ sku }) => sku),
      )
      return decidePlacement(
        known,
        { ...command, lines },
        { id: dependencies.ids.next('ord'), merchant, now },
      )
    }
    const pointers = merged.ok ? merged.value.map(({ pointer }) => pointer) : []
    return answerOrder(dependencies, command, decide, pointers)
  }
