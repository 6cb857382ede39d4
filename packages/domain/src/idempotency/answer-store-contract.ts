import { describe, expect, test } from 'vitest'
import type { Clock } from '../clock.ts'
import { ManualClock } from '../manual-clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, refused } from '../refusal.ts'
import { aKeyedRequest } from './a-keyed-request.ts'
import type { AnswerStore } from './answer-store.ts'

/** What every AnswerStore promises. `answers` makes one; its data may be shared, for each test brings its own merchants. */
export const answerStoreContract = (
  name: string,
  answers: (clock: Clock) => AnswerStore,
  merchant: () => MerchantId,
) =>
  describe(`${name} as AnswerStore`, () => {
    const refusal = refused('order.unknown_sku', 'gone', [{ pointer: '/lines/0', detail: 'tea' }])

    test('finds what was kept, with its fingerprint', async () => {
      const store = answers(new ManualClock())
      const request = aKeyedRequest(merchant(), 'k')
      expect(await store.find(request)).toBeUndefined()
      expect(await store.keep({ request, outcome: refusal })).toBe('kept')
      expect(await store.find(request)).toEqual({ fingerprint: request.fingerprint, outcome: refusal })
    })

    test('never overwrites', async () => {
      const store = answers(new ManualClock())
      const request = aKeyedRequest(merchant(), 'k')
      await store.keep({ request, outcome: refusal })
      expect(await store.keep({ request, outcome: accepted('late') })).toBe('already_answered')
      expect((await store.find(request))?.outcome).toEqual(refusal)
    })

    test('keeps one of many concurrent answers', async () => {
      const store = answers(new ManualClock())
      const request = aKeyedRequest(merchant(), 'k')
      const kept = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.keep({ request, outcome: accepted(i) })),
      )
      expect(kept.filter((outcome) => outcome === 'kept')).toHaveLength(1)
    })

    test('forgets an answer when its day is over, not before, and takes another then', async () => {
      const clock = new ManualClock()
      const store = answers(clock)
      const request = aKeyedRequest(merchant(), 'k')
      await store.keep({ request, outcome: refusal })
      clock.advance(24 * 3_600 - 1)
      expect((await store.find(request))?.outcome).toEqual(refusal)
      expect(await store.keep({ request, outcome: accepted('early') })).toBe('already_answered')
      clock.advance(1)
      expect(await store.find(request)).toBeUndefined()
      expect(await store.keep({ request, outcome: accepted('new') })).toBe('kept')
      expect((await store.find(request))?.outcome).toEqual(accepted('new'))
    })

    test('keeps merchants, principals, routes and keys apart, whatever characters they hold', async () => {
      const store = answers(new ManualClock())
      const base = aKeyedRequest(merchant(), 'k')
      await store.keep({ request: base, outcome: refusal })
      const others = [
        aKeyedRequest(merchant(), 'k'),
        { ...base, principal: 'till-2' },
        { ...base, route: 'POST /orders/{id}/payment' },
        { ...base, key: 'K' },
        { ...base, key: '__proto__' },
        { ...base, principal: 'till-1","POST /orders', route: '' },
      ]
      for (const other of others) expect(await store.find(other)).toBeUndefined()
    })
  })
