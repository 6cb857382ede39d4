import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { startArrivals } from './arrivals.ts'
import { atRate } from './at-rate.ts'
import type { Figure } from './figure.ts'
import { madeEnvelope, storeEnvelopes } from './made-events.ts'
import { percentile } from './percentile.ts'
import { clientOf, onLocalStage } from './shop.ts'

const perSecond = 50

/** The time of every event to its webhook, when one row in the middle of them is no envelope, or none is. */
const run = (events: number, poisoned: boolean, update: (text: string) => void) =>
  onLocalStage(async (local) => {
    const arrivals = await startArrivals()
    try {
      const { dynamodb } = local.access
      const table = local.stage.OutboxTableName
      const ids = new UlidIds({ now: () => new Date() })
      const api = await clientOf(local, 'acme')
      await api({
        method: 'POST',
        path: '/webhook-endpoints',
        body: { url: arrivals.url },
        idempotencyKey: crypto.randomUUID(),
      })
      const send = (n: number) =>
        storeEnvelopes(dynamodb, table, [madeEnvelope(ids, 'acme', `agg-${n}`, 1)], () => undefined)
      await send(-1)
      await arrivals.reached(1)
      await atRate(perSecond, events, async (n) => {
        if (poisoned && n === Math.floor(events / 3))
          await dynamodb.send(
            new PutItemCommand({
              TableName: table,
              Item: marshall({ pk: 'acme#poison', sk: '0000000001', events: 'no JSON' }),
            }),
          )
        await send(n)
        update(`${poisoned ? 'one poison' : 'baseline'}: ${arrivals.first.size} of ${events} arrived`)
      })
      await arrivals.reached(events + 1)
      return [...arrivals.first.values()].slice(1).map(({ milliseconds }) => milliseconds)
    } finally {
      await arrivals.close()
    }
  })

/** One poison among many: what it costs the others. */
export const poison: Figure = {
  name: 'poison',
  about: `one outbox row that nobody can read among events at ${perSecond}/s: commit to webhook of the others`,
  measure: async ({ scale, update }) => {
    const events = Math.max(200, Math.round(10_000 * scale))
    const baseline = await run(events, false, update)
    const withPoison = await run(events, true, update)
    const [before, after] = [percentile(baseline, 0.99), percentile(withPoison, 0.99)]
    return {
      lines: [
        { what: `p99 of ${events.toLocaleString('en')} events without poison`, value: `${before} ms` },
        {
          what: 'p99 with one poison',
          value: `${after} ms, ${(after / before).toFixed(2)} times`,
          must: { be: 'at most 2 times', holds: after <= 2 * before },
        },
        {
          what: 'p50 without and with',
          value: `${percentile(baseline, 0.5)} ms, ${percentile(withPoison, 0.5)} ms`,
        },
      ],
      raw: { baseline, withPoison },
    }
  },
}
