import type { OrderId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, type Outcome } from '../refusal.ts'
import type { Order } from './order.ts'
import { orderNotFound } from './order-not-found.ts'
import type { OrderRepository } from './order-repository.ts'

/** One order of a merchant. */
export const makeGetOrder =
  ({ orders }: { readonly orders: OrderRepository }) =>
  async (merchant: MerchantId, id: OrderId): Promise<Outcome<Order>> => {
    const order = await orders.find(merchant, id)
    return order === undefined ? orderNotFound(id) : accepted(order)
  }
