import type { Money } from '../money.ts'
import { accepted, type Outcome, refused } from '../refusal.ts'
import type { Order, PaidOrder } from './order.ts'

/** Money that the shop has captured; `reference` is its own number for it. */
export interface Payment {
  readonly amount: Money
  readonly reference: string
}

/** Pays a placed order in full and in time: once its hold has ended the stock may be promised to others, whether or not the clock has been by. */
export const decidePayment = (order: Order, payment: Payment, now: Date): Outcome<PaidOrder> => {
  if (order.status !== 'placed') return refused('order.not_payable', `The order is ${order.status}`)
  const { expiresAt, ...rest } = order
  if (now >= new Date(expiresAt)) return refused('order.not_payable', `The order expired at ${expiresAt}`)
  const { amount, currency } = order.total
  if (payment.amount.amount !== amount || payment.amount.currency !== currency)
    return refused('payment.amount_mismatch', `The order's total is ${amount} minor units of ${currency}`)
  return accepted({ ...rest, status: 'paid', version: 2, paidAt: now.toISOString(), payment })
}
