import { describe, expect, test } from 'vitest'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, refused } from '../refusal.ts'
import { aKeyedRequest } from './a-keyed-request.ts'
import type { AnswerStore } from './answer-store.ts'

/** What every AnswerStore promises. Each test brings its own merchants, so that the store may be shared. */
export const answerStoreContract = (name: string, answers: () => AnswerStore, merchant: () => MerchantId) =>
  describe(`${name} as AnswerStore`, () => {
    const refusal = refused('order.unknown_sku', 'gone', [{ pointer: '/lines/0', detail: 'tea' }])

    test('finds what was kept, with its fingerprint', async () => {
      const request = aKeyedRequest(merchant(), 'k')
      expect(await answers().find(request)).toBeUndefined()
      expect(await answers().keep({ request, outcome: refusal })).toBe('kept')
      expect(await answers().find(request)).toEqual({ fingerprint: request.fingerprint, outcome: refusal })
    })

    test('never overwrites', async () => {
      const request = aKeyedRequest(merchant(), 'k')
      await answers().keep({ request, outcome: refusal })
      expect(await answers().keep({ request, outcome: accepted('late') })).toBe('already_answered')
      expect((await answers().find(request))?.outcome).toEqual(refusal)
    })

    test('keeps one of many concurrent answers', async () => {
      const request = aKeyedRequest(merchant(), 'k')
      const kept = await Promise.all(
        Array.from({ length: 20 }, (_, i) => answers().keep({ request, outcome: accepted(i) })),
      )
      expect(kept.filter((outcome) => outcome === 'kept')).toHaveLength(1)
    })

    test('keeps merchants, principals, routes and keys apart, whatever characters they hold', async () => {
      const base = aKeyedRequest(merchant(), 'k')
      await answers().keep({ request: base, outcome: refusal })
      const others = [
        aKeyedRequest(merchant(), 'k'),
        { ...base, principal: 'till-2' },
        { ...base, route: 'POST /orders/{id}/payment' },
        { ...base, key: 'K' },
        { ...base, key: '__proto__' },
        { ...base, principal: 'till-1","POST /orders', route: '' },
      ]
      for (const other of others) expect(await answers().find(other)).toBeUndefined()
    })
  })
