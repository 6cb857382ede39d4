import type { Invoice, InvoiceLine } from './read-invoices.ts'

/** One invoice as an order. */
export interface ReplayOrder {
  readonly reference: string
  readonly customer: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
}

/** One day of a retailer, as a shop lives it. */
export interface ReplayDay {
  readonly day: string
  /** A delivery of exactly what is sold that day, one row a sku. */
  readonly delivery: { readonly csv: string; readonly skus: number }
  readonly orders: readonly ReplayOrder[]
  /** The same lines as an order of the same customer: that order is cancelled. */
  readonly cancellations: readonly ReplayOrder[]
}

/** Lines and invoices that are no trade in goods, by reason. */
export type Skips = Map<string, number>

/** Article codes are five digits and perhaps a suffix; everything else is postage, fees, samples and corrections. */
const article = /^\d{5}[A-Za-z]{0,2}$/

/** Turns one day's invoices into deliveries, orders and cancellations; counts in `skips` what they do not hold, by reason. */
export const planDay = (day: string, invoices: readonly Invoice[], skips: Skips): ReplayDay => {
  const orders: ReplayOrder[] = []
  const cancellations: ReplayOrder[] = []
  const goods = new Map<string, { name: string; quantity: number; price: string }>()
  for (const invoice of invoices) {
    if (invoice.number.startsWith('A')) {
      skip(skips, 'invoice is a bookkeeping adjustment')
      continue
    }
    const cancels = invoice.number.startsWith('C')
    const lines = merged(
      invoice.lines.filter((line) => isTrade(line, cancels, skips)),
      cancels,
    )
    if (lines.length === 0) {
      skip(skips, 'invoice has no line of goods left')
      continue
    }
    const order = { reference: invoice.number, customer: invoice.customer, lines }
    if (cancels) cancellations.push(order)
    else orders.push(order)
  }
  const ordered = new Set(orders.map(({ reference }) => reference))
  for (const { number, lines } of invoices) {
    if (!ordered.has(number)) continue
    for (const { code, description, quantity, price } of lines.filter((line) => isTrade(line, false))) {
      const known = goods.get(code.toUpperCase())
      if (known === undefined) goods.set(code.toUpperCase(), { name: description || code, quantity, price })
      else known.quantity += quantity
    }
  }
  return { day, delivery: { csv: deliveryCsv(goods), skus: goods.size }, orders, cancellations }
}

const skip = (skips: Skips | undefined, reason: string): false => {
  skips?.set(reason, (skips.get(reason) ?? 0) + 1)
  return false
}

const isTrade = ({ code, quantity, price }: InvoiceLine, cancels: boolean, skips?: Skips): boolean => {
  if (!article.test(code)) return skip(skips, 'line is no article (postage, fees, samples)')
  if (!Number.isSafeInteger(quantity) || (cancels ? quantity >= 0 : quantity <= 0))
    return skip(skips, 'line has no quantity to sell')
  if (!/^\d+(\.\d+)?$/.test(price) || Number(inPence(price)) === 0) return skip(skips, 'line has no price')
  return true
}

/** Codes differ in case within one shop; one invoice may name a code twice. */
const merged = (lines: readonly InvoiceLine[], cancels: boolean): ReplayOrder['lines'] => {
  const quantities = new Map<string, number>()
  for (const { code, quantity } of lines) {
    const sku = code.toUpperCase()
    quantities.set(sku, (quantities.get(sku) ?? 0) + (cancels ? -quantity : quantity))
  }
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }))
}

/** A price with more digits than pence is cut. */
const inPence = (price: string): string => price.replace(/(\.\d\d)\d+$/, '$1')

const deliveryCsv = (
  goods: ReadonlyMap<string, { name: string; quantity: number; price: string }>,
): string => {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const rows = [...goods].map(([sku, { name, quantity, price }]) =>
    [sku, quoted(name), quantity, inPence(price)].join(','),
  )
  return `${['sku,name,quantity,unit_price', ...rows].join('\n')}\n`
}
