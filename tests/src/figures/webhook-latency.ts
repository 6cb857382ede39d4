import { faultInterceptor } from '@stockroom/local-cloud/faults/fault-interceptor'
import { makeFaultPlan } from '@stockroom/local-cloud/faults/fault-plan'
import { startArrivals } from './arrivals.ts'
import { atRate } from './at-rate.ts'
import type { Figure, Line } from './figure.ts'
import { percentile } from './percentile.ts'
import { clientOf, onLocalStage, placeOrder, stockUp } from './shop.ts'

const skus = Array.from({ length: 50 }, (_, n) => `SKU-${n}`)

const run = (perSecond: number, orders: number, faults: number, update: (text: string) => void) =>
  onLocalStage(async (local) => {
    const arrivals = await startArrivals()
    try {
      const api = await clientOf(local, 'acme')
      await stockUp(api, skus, orders)
      // Functions are started before the clock is: cold starts are another figure.
      for (let n = 0; n < 20; n++) await placeOrder(api, [skus[n % skus.length] ?? ''])
      await api({
        method: 'POST',
        path: '/webhook-endpoints',
        body: { url: arrivals.url, eventTypes: ['order.placed.v1'] },
        idempotencyKey: crypto.randomUUID(),
      })
      await placeOrder(api, ['SKU-0'])
      await arrivals.reached(1)

      const plan = makeFaultPlan({ seed: 1, rate: faults })
      const stop = local.cloud.intercept(faultInterceptor(plan))
      let placed = 0
      const { startedPerSecond } = await atRate(perSecond, orders, async (n) => {
        const { status } = await placeOrder(api, [skus[n % skus.length] ?? ''])
        if (status === 201) placed += 1
        update(`${perSecond}/s, ${faults * 100} % faults: ${placed} placed, ${arrivals.first.size} arrived`)
      })
      stop()
      await arrivals.reached(placed + 1)
      const milliseconds = [...arrivals.first.values()].slice(1).map((arrival) => arrival.milliseconds)
      return {
        perSecond,
        startedPerSecond,
        faults,
        orders,
        placed,
        disorder: arrivals.disorder,
        milliseconds,
      }
    } finally {
      await arrivals.close()
    }
  })

/** From an order's commit to the first attempt of its webhook, without and with faults. */
export const webhookLatency: Figure = {
  name: 'webhook-latency',
  about: 'from the commit of an order to the first attempt of its webhook',
  measure: async ({ scale, update }) => {
    const results: Awaited<ReturnType<typeof run>>[] = []
    for (const [perSecond, faults] of [
      [10, 0],
      [100, 0],
      [10, 0.1],
      [100, 0.1],
    ] as const)
      results.push(await run(perSecond, Math.max(50, Math.round(perSecond * 60 * scale)), faults, update))
    const lines = results.flatMap((result): Line[] => {
      const load = `${result.perSecond} orders/s, ${result.faults * 100} % faults`
      const time = (share: number) => `${percentile(result.milliseconds, share).toLocaleString('en')} ms`
      return [
        { what: `${load}: p50`, value: time(0.5) },
        { what: `${load}: p99`, value: time(0.99) },
        {
          what: `${load}: orders placed, all arrived`,
          value: String(result.placed),
          must: { be: `${result.orders}`, holds: result.placed === result.orders },
        },
      ]
    })
    return { lines, raw: results }
  },
}
