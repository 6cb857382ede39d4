import type { KeyedRequest } from '../idempotency/keyed-request.ts'
import type { OrderId } from '../ids.ts'
import { finishForRequest } from './answer-order.ts'
import type { FinishStockDependencies } from './finish-stock.ts'
import type { Order } from './order.ts'

/**
 * The order that a request is to settle. One whose stock is still being reserved is brought to its end first, so that it is there, or never will be.
 * @throws Busy when that takes too long.
 */
export const findForRequest = async (
  dependencies: FinishStockDependencies,
  { request, id }: { readonly request: KeyedRequest; readonly id: OrderId },
): Promise<Order | undefined> => {
  const { orders } = dependencies
  const order = await orders.find(request.merchant, id)
  if (order !== undefined) return order
  await finishForRequest(dependencies, request, id)
  return orders.find(request.merchant, id)
}
