import type { Rule } from './check.ts'

/** Totals are the sum of their lines, and what was paid is the total, in whole minor units. */
export const moneyBalances: Rule = ({ orders }) => ({
  promise: 'money balances',
  counted: `${orders.filter(({ status }) => status === 'paid').length} payments`,
  breaches: orders.flatMap(({ id, lines, total, paid, status }) => {
    const sum = lines.reduce(
      (amount, line) => amount + BigInt(line.quantity) * BigInt(line.unitPrice.amount),
      0n,
    )
    if (sum !== BigInt(total.amount) || lines.some(({ unitPrice }) => unitPrice.currency !== total.currency))
      return [`${id}: total ${total.amount} ${total.currency}, lines ${sum}`]
    if ((status === 'paid') !== (paid !== undefined))
      return [`${id}: ${status}, payment ${paid?.amount ?? 'none'}`]
    if (paid !== undefined && (paid.amount !== total.amount || paid.currency !== total.currency))
      return [`${id}: paid ${paid.amount} ${paid.currency} of ${total.amount} ${total.currency}`]
    return []
  }),
})
