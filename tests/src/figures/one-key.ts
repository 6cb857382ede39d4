import { readFacts } from '@stockroom/ops/audit/read-facts'
import type { Figure } from './figure.ts'
import { clientOf, onLocalStage, placeOrder, stockUp } from './shop.ts'

const calls = 100

/** Fault 3 at full size: every request is sent many times at once under its key. */
export const oneKey: Figure = {
  name: 'one-key',
  about: `${calls} concurrent calls for each idempotency key`,
  measure: ({ scale, update }) =>
    onLocalStage(async (local) => {
      const keys = Math.max(1, Math.round(1_000 * scale))
      const api = await clientOf(local, 'acme')
      await stockUp(api, ['MUG'], keys * calls)
      let different = 0
      let fresh = 0
      const start = performance.now()
      for (let n = 0; n < keys; n++) {
        const key = crypto.randomUUID()
        const answers = await Promise.all(Array.from({ length: calls }, () => placeOrder(api, ['MUG'], key)))
        fresh += answers.filter(({ replayed }) => !replayed).length
        different += new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size - 1
        update(`${n + 1} of ${keys} keys`)
      }
      const seconds = (performance.now() - start) / 1_000
      const { orders } = await readFacts(local.access, local.stage)
      return {
        lines: [
          {
            what: `orders of ${keys * calls} calls`,
            value: String(orders.length),
            must: { be: `${keys}`, holds: orders.length === keys },
          },
          {
            what: 'first answers; all others are replays',
            value: String(fresh),
            must: { be: `${keys}`, holds: fresh === keys },
          },
          {
            what: 'answers that differ from another under their key',
            value: String(different),
            must: { be: '0', holds: different === 0 },
          },
          { what: 'calls', value: `${((keys * calls) / seconds).toFixed(0)} a second` },
        ],
        raw: { keys, calls, orders: orders.length, fresh, different, seconds },
      }
    }),
}
