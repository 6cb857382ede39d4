import { setTimeout as pause } from 'node:timers/promises'
import { inParallel } from '@stockroom/outbox/in-parallel'
import type { ApiClient } from '../api-client.ts'
import type { Check } from '../audit/check.ts'
import { expectAnswer, PlacedOrder, Problem } from '../demo/answers.ts'
import type { DemoTarget } from '../demo/demo-target.ts'
import { subscribe } from '../demo/run-demo.ts'
import { uploadDelivery } from '../demo/upload-delivery.ts'
import type { Progress } from '../terminal/progress.ts'
import { table } from '../terminal/table.ts'
import { planDay, type ReplayDay, type ReplayOrder, type Skips } from './plan-day.ts'
import { type Invoice, readInvoices } from './read-invoices.ts'

export interface ReplayOptions {
  readonly file: string
  /** Stop after so many invoices. */
  readonly invoices?: number
  /** Orders a second, at most. */
  readonly rate?: number
}

const merchant = 'retailer'
const shoppers = 6

interface Counts {
  placed: number
  paid: number
  cancelled: number
}

/**
 * Lives a retailer's days over again: each day's delivery is uploaded, its invoices become orders, its cancellations cancel them, and the rest is paid.
 * Returns what could not be replayed although nothing explains it; what is explained is printed as a table of reasons.
 */
export const runReplay = async (
  target: DemoTarget,
  options: ReplayOptions,
  progress: Progress,
): Promise<Check> => {
  const api = target.api(merchant)
  const skips: Skips = new Map()
  const breaches: string[] = []
  const counts: Counts = { placed: 0, paid: 0, cancelled: 0 }
  const paced = pacer(options.rate)

  await progress.step('webhooks', async () => {
    await subscribe(target, merchant)
    return '1 receiver registered'
  })
  for await (const day of days(options, skips))
    await progress.step(day.day, async (update) => {
      if (day.orders.length > 0) breaches.push(...(await deliver(api, day)))
      const open: OpenOrder[] = []
      await inParallel(day.orders, shoppers, async (order) => {
        await paced()
        const placed = await place(api, order, breaches)
        if (placed !== undefined) open.push(placed)
        update(`${open.length} of ${day.orders.length} orders placed`)
      })
      const toCancel = matchCancellations(day.cancellations, open, skips)
      await inParallel(open, shoppers, async (order) => {
        if (toCancel.has(order)) await settle(api, `/orders/${order.id}/cancellation`, {}, breaches)
        else
          await settle(
            api,
            `/orders/${order.id}/payment`,
            { ...order.total, reference: order.reference },
            breaches,
          )
      })
      counts.placed += open.length
      counts.cancelled += toCancel.size
      counts.paid += open.length - toCancel.size
      return `${day.delivery.skus} skus delivered, ${open.length} orders placed, ${toCancel.size} cancelled, the rest paid`
    })
  progress.line(
    `\n${counts.placed} orders: ${counts.paid} paid, ${counts.cancelled} cancelled. Not replayed, and why:\n\n${skipTable(skips)}\n`,
  )
  return { promise: 'the replay got what it asked for', counted: `${counts.placed} orders`, breaches }
}

const skipTable = (skips: Skips): string =>
  table(
    ['reason', 'count'],
    [...skips].toSorted(([, a], [, b]) => b - a),
  )

/** Whole days, the last one cut where `invoices` ends. */
async function* days(
  { file, invoices: limit = Number.POSITIVE_INFINITY }: ReplayOptions,
  skips: Skips,
): AsyncGenerator<ReplayDay> {
  let [day, read] = ['', 0]
  let today: Invoice[] = []
  for await (const invoice of readInvoices(file)) {
    if (invoice.day !== day) {
      if (today.length > 0) yield planDay(day, today, skips)
      today = []
      day = invoice.day
    }
    if (read++ >= limit) break
    today.push(invoice)
  }
  if (today.length > 0) yield planDay(day, today, skips)
}

/** Resolves when the next order may go: evenly spaced at `rate` a second, at once without a rate. */
const pacer = (rate: number | undefined) => {
  let next = 0
  return async (): Promise<void> => {
    if (rate === undefined) return
    const now = performance.now()
    const turn = Math.max(next, now)
    next = turn + 1_000 / rate
    await pause(turn - now)
  }
}

const deliver = async (api: ApiClient, { day, delivery }: ReplayDay): Promise<string[]> => {
  const outcome = await uploadDelivery(api, { filename: `${day}.csv`, csv: delivery.csv, currency: 'GBP' })
  return outcome.rowsAccepted === delivery.skus
    ? []
    : [
        `the delivery of ${day} (${outcome.status}) had ${delivery.skus} rows, ${outcome.rowsAccepted} were accepted`,
      ]
}

interface OpenOrder extends ReplayOrder {
  readonly id: string
  readonly total: { readonly amount: number; readonly currency: string }
}

const place = async (
  api: ApiClient,
  order: ReplayOrder,
  breaches: string[],
): Promise<OpenOrder | undefined> => {
  const answer = await api({
    method: 'POST',
    path: '/orders',
    body: { lines: order.lines, reference: order.reference },
    idempotencyKey: `replay-${order.reference}-${crypto.randomUUID()}`,
  })
  if (answer.status === 201) return { ...order, ...expectAnswer(answer, 201, PlacedOrder) }
  const { code, detail } = expectAnswer(answer, answer.status, Problem)
  breaches.push(`invoice ${order.reference}: ${answer.status} ${code}, ${detail}`)
  return undefined
}

const settle = async (api: ApiClient, path: string, body: unknown, breaches: string[]): Promise<void> => {
  const answer = await api({ method: 'POST', path, body, idempotencyKey: crypto.randomUUID() })
  if (answer.status !== 200) breaches.push(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
}

/** Finds for each cancellation the same customer's open order with the same lines; counts those that have none. */
const matchCancellations = (
  cancellations: readonly ReplayOrder[],
  open: readonly OpenOrder[],
  skips: Skips,
): ReadonlySet<OpenOrder> => {
  const found = new Set<OpenOrder>()
  for (const cancellation of cancellations) {
    const order = open.find(
      (candidate) =>
        !found.has(candidate) &&
        candidate.customer === cancellation.customer &&
        sameLines(candidate, cancellation),
    )
    if (order !== undefined) found.add(order)
    else
      skips.set(
        'cancellation of goods sold earlier, or of a part of an order',
        (skips.get('cancellation of goods sold earlier, or of a part of an order') ?? 0) + 1,
      )
  }
  return found
}

const sameLines = (a: ReplayOrder, b: ReplayOrder): boolean => {
  const key = ({ lines }: ReplayOrder) =>
    lines
      .map(({ sku, quantity }) => `${sku}:${quantity}`)
      .toSorted()
      .join()
  return key(a) === key(b)
}
