import type { Interceptor, ObservedCall } from '@stockroom/local-cloud/gateway/interceptor'
import { audit, isClean } from '@stockroom/ops/audit/audit'
import type { Facts } from '@stockroom/ops/audit/facts'
import { printAudit } from '@stockroom/ops/audit/print-audit'
import { readFacts } from '@stockroom/ops/audit/read-facts'
import { settle } from '@stockroom/ops/audit/settle'
import { expectAnswer, PlacedOrder, Problem } from '@stockroom/ops/demo/answers'
import { subscribe } from '@stockroom/ops/demo/run-demo'
import { uploadDelivery } from '@stockroom/ops/demo/upload-delivery'
import { type LocalStage, startLocalStage } from '@stockroom/ops/local/local-stage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'

const merchant = 'wholesaler'
/** As many as the longest invoice of the retailer whose days we replay. */
const skus = Array.from({ length: 1_110 }, (_, n) => String(20_000 + n))
const order = (holdSeconds = 900) => ({ lines: skus.map((sku) => ({ sku, quantity: 1 })), holdSeconds })
const OrderList = z.object({ items: z.array(z.unknown()) })

let local: LocalStage
let api: ReturnType<LocalStage['target']['api']>
beforeAll(async () => {
  // The clock is told when to run.
  local = await startLocalStage({ schedules: 'paused' })
  api = local.target.api(merchant)
  await subscribe(local.target, merchant)
  const rows = skus.map((sku) => `${sku},Goods,3,1.00`)
  const csv = ['sku,name,quantity,unit_price', ...rows].join('\n')
  await uploadDelivery(api, { filename: 'delivery.csv', csv, currency: 'GBP' })
})
afterAll(() => local.close())

const read = () => readFacts(local.access, local.stage)
const figures = ({ products }: Facts) => [
  ...new Set(
    products.map(
      ({ available, reserved, sold }) => `${available} available, ${reserved} reserved, ${sold} sold`,
    ),
  ),
]
const audited = (facts: Facts) => {
  const checks = audit(facts, local.receiver.inboxes())
  return isClean(checks) ? 'clean' : printAudit(checks)
}
const isStep = ({ principal, environmentId, operation }: ObservedCall) =>
  environmentId !== undefined && principal.includes('Http') && operation === 'TransactWriteItems'

/** Is asked about each transaction that the API makes, by its number. */
const atEachStep = (
  interceptor: (step: number, when: 'before' | 'after') => ReturnType<NonNullable<Interceptor['before']>>,
) => {
  let steps = 0
  const stop = local.cloud.intercept({
    before: async (call) => (isStep(call) ? interceptor(++steps, 'before') : undefined),
  })
  return { stop, steps: () => steps }
}

describe('an order of 1,110 lines', () => {
  it('is placed once and paid although its function is killed in the middle, and nobody sees the half of it', async () => {
    const kills = new Set([5, 9, 15])
    const seen: unknown[] = []
    const intercepted = atEachStep(async (step) => {
      if (step === 7)
        seen.push(expectAnswer(await api({ method: 'GET', path: '/orders' }), 200, OrderList).items)
      return kills.has(step) ? { kind: 'kill caller' } : undefined
    })
    const answer = await api({ method: 'POST', path: '/orders', body: order(), idempotencyKey: 'long' })
    intercepted.stop()
    // Begun, 12 parts, placed; and each kill costs the step that it prevented.
    expect(intercepted.steps()).toBe(1 + 12 + 1 + kills.size)
    expect(seen).toEqual([[]])
    const placed = expectAnswer(answer, 201, PlacedOrder)
    expect(answer.replayed).toBe(true)
    expect(await api({ method: 'POST', path: '/orders', body: order(), idempotencyKey: 'long' })).toEqual(
      answer,
    )
    expect(figures(await read())).toEqual(['2 available, 1 reserved, 0 sold'])

    const payment = { ...placed.total, reference: 'p-1' }
    const path = `/orders/${placed.id}/payment`
    const paid = await api({ method: 'POST', path, body: payment, idempotencyKey: 'payment' })
    expect(paid.status).toBe(200)
    const facts = await settle(read, () => undefined)
    expect(figures(facts)).toEqual(['2 available, 0 reserved, 1 sold'])
    expect(audited(facts)).toBe('clean')
  })

  it('is undone by the clock when its function dies at every step until its hold is over, and the request hears so', async () => {
    const intercepted = atEachStep(async (step) => (step > 2 ? { kind: 'kill caller' } : undefined))
    const request = api({ method: 'POST', path: '/orders', body: order(6), idempotencyKey: 'hopeless' })
    const facts = await settle(
      async () => {
        await local.target.runJob('expire-orders', new Date())
        const facts = await read()
        // Not before it has begun.
        return intercepted.steps() > 1
          ? facts
          : { ...facts, halfDone: [{ merchant, orderId: '', what: 'to begin' }] }
      },
      () => undefined,
    )
    intercepted.stop()
    const { code } = expectAnswer(await request, 409, Problem)
    expect(code).toBe('order.expired_while_reserving')
    expect(figures(facts)).toEqual(['2 available, 0 reserved, 1 sold'])
    expect(audited(await settle(read, () => undefined))).toBe('clean')
  })
})
