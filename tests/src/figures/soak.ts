import { setTimeout as pause } from 'node:timers/promises'
import { audit } from '@stockroom/ops/audit/audit'
import { readFacts } from '@stockroom/ops/audit/read-facts'
import { settle } from '@stockroom/ops/audit/settle'
import { seededRandom } from '@stockroom/ops/demo/random'
import { subscribe } from '@stockroom/ops/demo/run-demo'
import { noOrders, shopOneOrder } from '@stockroom/ops/demo/shop-orders'
import type { LocalStage } from '@stockroom/ops/local/local-stage'
import type { Figure } from './figure.ts'
import { clientOf, onLocalStage, stockUp } from './shop.ts'

const ordersPerSecond = 8
const shoppers = 8
const kills = 24
const skus = Array.from({ length: 40 }, (_, n) => `SOAK-${n}`)

/** What one minute looked like, for the question whether anything grows. */
interface Sample {
  readonly minute: number
  readonly orders: number
  /** Of the largest function, as Lambda reports it. */
  readonly peakMegabytes: number
  readonly queued: number
}

const sample = async (
  { cloud, access, stage }: LocalStage,
  minute: number,
  orders: number,
): Promise<Sample> => {
  const { queues } = await readFacts(access, stage)
  const peaks = cloud.resources.functions.map(
    ({ name }) => cloud.functions.get(name).metrics.maxMemoryUsedMegabytes,
  )
  return {
    minute,
    orders,
    peakMegabytes: Math.max(...peaks),
    queued: queues.reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0),
  }
}

/** Kills a function at its next call of a service, when it is surely in the middle of something. */
const killAtNextCall = ({ cloud }: LocalStage, functionName: string, onKilled: () => void): void => {
  const stop = cloud.calls.subscribe(({ principal, environmentId }) => {
    if (principal !== functionName || environmentId === undefined) return
    stop()
    cloud.killFunction(functionName)
    onKilled()
  })
}

/** The functions that a running shop keeps busy; uploads and reports have their own tests. */
const busyFunctions = ({ cloud }: LocalStage): readonly string[] =>
  cloud.resources.functions
    .map(({ name }) => name)
    .filter((name) => /Http|RelayOutbox|FanOutEvent|DeliverWebhook|ExpireOrders/.test(name))

/** Half an hour of shoppers while functions are killed in the middle of their work, one after the other. */
export const soak: Figure = {
  name: 'soak',
  about: `30 minutes at up to ${ordersPerSecond} orders/s with ${kills} kills of working functions`,
  measure: ({ scale, update }) =>
    onLocalStage(async (local) => {
      const { target } = local
      const random = seededRandom(1)
      const seconds = Math.max(60, Math.round(1_800 * scale))
      const merchants = ['acme', 'globex']
      const apis = await Promise.all(merchants.map((merchant) => clientOf(local, merchant)))
      for (const merchant of merchants) await subscribe(target, merchant)
      for (const api of apis) await stockUp(api, skus, 3 * seconds)

      const killed: string[] = []
      const samples: Sample[] = []
      const breaches: string[] = []
      const counts = noOrders()
      const began = performance.now()
      const elapsed = () => (performance.now() - began) / 1_000

      const shop = async (n: number) => {
        const api = apis[n % apis.length] ?? (await clientOf(local, 'acme'))
        while (elapsed() < seconds) {
          const sku = random.chance(0.2) ? 'SOAK-0' : `SOAK-${random.integer(0, skus.length - 1)}`
          const intent = random.pick(['pay', 'pay', 'cancel', 'forget'] as const)
          const order = {
            lines: [{ sku, quantity: random.integer(1, 2) }],
            intent,
            repeated: random.chance(0.1),
          }
          breaches.push(...(await shopOneOrder(api, order, counts)))
          await pause((1_000 * shoppers) / ordersPerSecond)
        }
      }
      const reap = async () => {
        const names = busyFunctions(local)
        for (let n = 0; n < kills; n++) {
          await pause((1_000 * seconds) / (kills + 1))
          const name = names[n % names.length]
          if (name !== undefined) killAtNextCall(local, name, () => killed.push(name))
          update(`${Math.floor(elapsed() / 60)} min: ${counts.placed} orders, ${killed.length} kills`)
        }
      }
      const watch = async () => {
        const every = Math.min(60, seconds / 4)
        for (let next = every; next <= seconds; next += every) {
          await pause(1_000 * (next - elapsed()))
          samples.push(await sample(local, Math.round(next / 60), counts.placed))
        }
      }
      await Promise.all([...Array.from({ length: shoppers }, (_, n) => shop(n)), reap(), watch()])

      await pause(1_100)
      await target.runJob('expire-orders', new Date())
      const facts = await settle(() => readFacts(local.access, local.stage), update)
      breaches.push(...audit(facts, local.receiver.inboxes()).flatMap((check) => check.breaches))
      const growth =
        (samples.at(-1)?.peakMegabytes ?? 0) / (samples[Math.floor(samples.length / 2)]?.peakMegabytes ?? 0)
      return {
        lines: [
          { what: `orders placed in ${(seconds / 60).toFixed(0)} minutes`, value: String(counts.placed) },
          {
            what: 'functions killed in the middle of a call',
            value: String(killed.length),
            must: { be: 'at least 20', holds: killed.length >= 20 },
          },
          {
            what: 'promises broken at the end',
            value: String(breaches.length),
            must: { be: '0', holds: breaches.length === 0 },
          },
          {
            what: "the largest function's peak memory, end over half-time",
            value: `${growth.toFixed(2)} times`,
            must: { be: 'at most 1.1', holds: growth <= 1.1 },
          },
          { what: 'messages queued, by the minute', value: samples.map(({ queued }) => queued).join(' ') },
        ],
        raw: { samples, killed, counts, breaches },
      }
    }),
}
