import { inParallel } from '@stockroom/outbox/in-parallel'
import type { Figure } from './figure.ts'
import { clientOf, onLocalStage, placeOrder, stockUp } from './shop.ts'

const [buyers, units, atOnce] = [500, 100, 100]

/** Fault 11 at full size: many buyers, few units, again and again. */
export const hotSku: Figure = {
  name: 'hot-sku',
  about: `${buyers} buyers, ${atOnce} at once, for ${units} units of one sku`,
  measure: ({ scale, update }) =>
    onLocalStage(async (local) => {
      const rounds = Math.max(1, Math.round(20 * scale))
      const api = await clientOf(local, 'acme')
      const served: number[] = []
      const otherAnswers: unknown[] = []
      const start = performance.now()
      for (let round = 0; round < rounds; round++) {
        const sku = `HOT-${round}`
        await stockUp(api, [sku], units)
        let placed = 0
        await inParallel([...Array(buyers).keys()], atOnce, async () => {
          const { status, body } = await placeOrder(api, [sku])
          if (status === 201) placed += 1
          else if (status !== 409) otherAnswers.push({ status, body })
        })
        served.push(placed)
        update(`round ${round + 1} of ${rounds}: ${placed} served`)
      }
      const seconds = (performance.now() - start) / 1_000
      return {
        lines: [
          {
            what: `units promised in each of ${rounds} rounds`,
            value: [...new Set(served)].join(', '),
            must: { be: `${units}`, holds: served.every((count) => count === units) },
          },
          {
            what: 'answers other than 201 and 409',
            value: String(otherAnswers.length),
            must: { be: '0', holds: otherAnswers.length === 0 },
          },
          { what: 'requests', value: `${((buyers * rounds) / seconds).toFixed(0)} a second` },
        ],
        raw: { buyers, units, served, otherAnswers, seconds },
      }
    }),
}
