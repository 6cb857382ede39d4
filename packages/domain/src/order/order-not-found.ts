import type { OrderId } from '../ids.ts'
import { refused } from '../refusal.ts'

/** Says the same of an order that does not exist and of another merchant's. */
export const orderNotFound = (id: OrderId) => refused('order.not_found', `There is no order ${id}`)
