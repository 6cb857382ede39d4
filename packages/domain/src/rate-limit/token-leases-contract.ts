import { describe, expect, test } from 'vitest'
import type { Clock } from '../clock.ts'
import { ManualClock } from '../manual-clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Lease, RateLimit, TokenLeases } from './token-leases.ts'

/** What every TokenLeases promises. `leases` makes them with buckets of this limit, all full. */
export const tokenLeasesContract = (
  name: string,
  leases: (limit: RateLimit, clock: Clock) => TokenLeases,
  merchant: () => MerchantId,
) =>
  describe(`${name} as TokenLeases`, () => {
    const limit = { perSecond: 10, burst: 20 }
    const granted = (tokens: number): Lease => ({ outcome: 'granted', tokens })

    test('grants a burst at once, then what is left, then nothing, and says when to come again', async () => {
      const [of, buckets] = [merchant(), leases(limit, new ManualClock())]
      expect(await buckets.lease(of, 15)).toEqual(granted(15))
      expect(await buckets.lease(of, 15)).toEqual(granted(5))
      expect(await buckets.lease(of, 15)).toEqual({ outcome: 'refused', retryAfterMs: 100 })
      expect(await buckets.lease(merchant(), 1)).toEqual(granted(1))
    })

    test('grants what time has brought, and a bucket never holds more than its burst', async () => {
      const [of, clock] = [merchant(), new ManualClock()]
      const buckets = leases(limit, clock)
      await buckets.lease(of, 20)
      clock.advance(0.5)
      expect(await buckets.lease(of, 20)).toEqual(granted(5))
      clock.advance(3_600)
      expect(await buckets.lease(of, 50)).toEqual(granted(20))
      expect(await buckets.lease(of, 1)).toMatchObject({ outcome: 'refused' })
    })

    test('a token is there when it was said to be, at rates that divide no second', async () => {
      const [of, clock] = [merchant(), new ManualClock()]
      const buckets = leases({ perSecond: 3, burst: 1 }, clock)
      for (let n = 0; n < 5; n++) {
        expect(await buckets.lease(of, 1)).toEqual(granted(1))
        const refused = await buckets.lease(of, 1)
        if (refused.outcome !== 'refused') throw new Error('a second token was there')
        clock.advance(Math.ceil(refused.retryAfterMs) / 1_000)
      }
    })

    test('many that ask at once get no more than there is', async () => {
      const of = merchant()
      const buckets = leases(limit, new ManualClock())
      const answers = await Promise.all(Array.from({ length: 12 }, () => buckets.lease(of, 3)))
      const taken = answers.map((answer) => (answer.outcome === 'granted' ? answer.tokens : 0))
      expect(taken.reduce((sum, tokens) => sum + tokens)).toBe(20)
    })
  })
