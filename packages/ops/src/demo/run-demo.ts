import { setTimeout as pause } from 'node:timers/promises'
import { inParallel } from '@stockroom/outbox/in-parallel'
import { parse } from 'csv-parse/sync'
import type { Check } from '../audit/check.ts'
import type { Progress } from '../terminal/progress.ts'
import { expectAnswer, RegisteredEndpoint, Report } from './answers.ts'
import type { DemoTarget } from './demo-target.ts'
import type { GeneratedMerchant, GeneratedRush } from './generate-shop.ts'
import { noOrders, shopOneOrder } from './shop-orders.ts'
import { uploadDelivery } from './upload-delivery.ts'

const shoppers = 6

/**
 * Lets the generated merchants work: webhooks are registered, deliveries uploaded, orders placed and settled at once by many shoppers, the rest expired,
 * the day reported. Returns what differs from what the generator knows must come out.
 */
export const runDemo = async (
  target: DemoTarget,
  merchants: readonly GeneratedMerchant[],
  progress: Progress,
): Promise<Check> => {
  const breaches: string[] = []

  await progress.step('webhooks', async () => {
    await Promise.all(merchants.map(({ merchant }) => subscribe(target, merchant)))
    return `${merchants.length} receivers registered`
  })

  await progress.step('deliveries', async (update) => {
    const files = merchants.flatMap(({ merchant, currency, deliveries }) =>
      deliveries.map((delivery) => ({ merchant, currency, delivery })),
    )
    let [done, accepted, rejected] = [0, 0, 0]
    await inParallel(files, files.length, async ({ merchant, currency, delivery }) => {
      const outcome = await uploadDelivery(target.api(merchant), { ...delivery, currency })
      if (outcome.rowsAccepted !== delivery.rowsAccepted || outcome.rowsRejected !== delivery.rowsRejected)
        breaches.push(
          `${delivery.filename} (${outcome.status}): ${outcome.rowsAccepted} rows accepted and ${outcome.rowsRejected} rejected, ` +
            `the file has ${delivery.rowsAccepted} good and ${delivery.rowsRejected} bad ones`,
        )
      done += 1
      accepted += outcome.rowsAccepted
      rejected += outcome.rowsRejected
      update(`${done} of ${files.length} files imported`)
    })
    return `${files.length} files, ${accepted} rows accepted, ${rejected} rejected with their reasons`
  })

  await progress.step('orders', async (update) => {
    const orders = merchants.flatMap(({ merchant, orders }) => orders.map((order) => ({ merchant, order })))
    const counts = noOrders()
    await inParallel(orders, shoppers, async ({ merchant, order }) => {
      breaches.push(...(await shopOneOrder(target.api(merchant), order, counts)))
      update(`${counts.placed + counts.refused} of ${orders.length} placed, ${counts.paid} paid`)
    })
    return (
      `${counts.placed} placed (${counts.paid} paid, ${counts.cancelled} cancelled, ${counts.left} left), ` +
      `${counts.refused} refused for lack of stock, ${counts.repeated} sent twice`
    )
  })

  await progress.step('rush', async (update) => {
    update('many buyers for the last units')
    const served = await Promise.all(merchants.map(({ merchant, rush }) => runRush(target, merchant, rush)))
    return merchants
      .map(({ merchant, rush }, n) => {
        const sold = served[n] ?? 0
        if (sold !== rush.units)
          breaches.push(`${merchant}: ${rush.units} of ${rush.sku} were there, ${sold} were promised`)
        return `${rush.buyers} buyers at once for ${rush.units} ${rush.sku}: ${sold} served`
      })
      .join('; ')
  })

  await progress.step('clock', async (update) => {
    update('waiting for the orders that nobody paid')
    // The shortest hold is one second.
    await pause(1_100)
    await target.runJob('expire-orders', new Date())
    return 'unpaid orders expired'
  })

  await progress.step('report', async () => {
    const today = new Date()
    const tomorrow = new Date(
      Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + 1, 0, 10),
    )
    await target.runJob('report-sales', tomorrow)
    const day = today.toISOString().slice(0, 10)
    const rows = await Promise.all(merchants.map(({ merchant }) => readReport(target, merchant, day)))
    return `sales of ${day}: ${rows.map((count, n) => `${merchants[n]?.merchant} ${count} skus`).join(', ')}`
  })

  return { promise: 'the demo got what it asked for', counted: `${merchants.length} merchants`, breaches }
}

/** Registers the receiver's inbox of a merchant for all its events. */
export const subscribe = async (target: DemoTarget, merchant: string): Promise<void> => {
  const answer = await target.api(merchant)({
    method: 'POST',
    path: '/webhook-endpoints',
    body: { url: target.receiver.urlOf(merchant) },
    idempotencyKey: crypto.randomUUID(),
  })
  target.receiver.trust(merchant, expectAnswer(answer, 201, RegisteredEndpoint).secret)
}

/** All buyers ask for one unit at the same time; returns how many were promised one. */
const runRush = async (
  target: DemoTarget,
  merchant: string,
  { sku, buyers }: GeneratedRush,
): Promise<number> => {
  const counts = noOrders()
  const order = { lines: [{ sku, quantity: 1 }], intent: 'pay', repeated: false } as const
  await Promise.all(Array.from({ length: buyers }, () => shopOneOrder(target.api(merchant), order, counts)))
  return counts.placed
}

const readReport = async (target: DemoTarget, merchant: string, day: string): Promise<number> => {
  const answer = await target.api(merchant)({ method: 'GET', path: `/reports/${day}` })
  const csv = await fetch(expectAnswer(answer, 200, Report).url)
  if (!csv.ok) throw new Error(`the report of ${merchant} answered ${csv.status}`)
  const rows: unknown[] = parse(await csv.text(), { columns: true })
  return rows.length
}
