import { describe, expect, test } from 'vitest'
import { CountingIds } from '../counting-ids.ts'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import type { AnswerStore } from '../idempotency/answer-store.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted } from '../refusal.ts'
import { aWebhookEndpoint } from './a-webhook-delivery.ts'
import { disabled, enabled, mostEndpoints, type WebhookEndpoint, withNewSecret } from './webhook-endpoint.ts'
import type { WebhookEndpointRegistry } from './webhook-endpoint-registry.ts'
import type { WebhookEndpointRepository } from './webhook-endpoint-repository.ts'

/** What a store's test brings to the contract. */
export interface WebhookEndpointSetup {
  readonly endpoints: WebhookEndpointRepository
  readonly registry: WebhookEndpointRegistry
  readonly answers: AnswerStore
}

const ids = new CountingIds()
const now = new Date('2026-11-23T10:00:00.000Z')

/** What every WebhookEndpointRepository and WebhookEndpointRegistry promise. `merchant` gives a new one each time, so that the store may be shared. */
export const webhookEndpointRepositoryContract = (
  name: string,
  setup: () => WebhookEndpointSetup,
  merchant: () => MerchantId,
) =>
  describe(`${name} as WebhookEndpointRepository`, () => {
    const register = (endpoint: WebhookEndpoint, key: string) =>
      setup().registry.register(endpoint, {
        request: aKeyedRequest(endpoint.merchant, key),
        outcome: accepted({ id: endpoint.id, secret: 'whsec_x' }),
      })
    const registered = async (shop = merchant(), overrides: Partial<WebhookEndpoint> = {}) => {
      const endpoint = aWebhookEndpoint(shop, ids.next('whk'), overrides)
      expect(await register(endpoint, endpoint.id)).toBe('registered')
      return endpoint
    }

    test('registers endpoint and answer together', async () => {
      const shop = merchant()
      const endpoint = await registered(shop, { eventTypes: ['order.paid.v1'], sealedSecrets: ['a', 'b'] })
      expect(await setup().endpoints.find(shop, endpoint.id)).toEqual(endpoint)
      expect(await setup().answers.find(aKeyedRequest(shop, endpoint.id))).toEqual({
        fingerprint: aKeyedRequest(shop, '').fingerprint,
        outcome: accepted({ id: endpoint.id, secret: 'whsec_x' }),
      })
    })

    test('of many registrations under one key one wins', async () => {
      const shop = merchant()
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => register(aWebhookEndpoint(shop, ids.next('whk')), 'k')),
      )
      expect(outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'already_answered')).toHaveLength(9)
      expect(await setup().endpoints.list(shop)).toHaveLength(1)
    })

    test('takes as many endpoints as a merchant may have, also at once, and one more when one is gone', async () => {
      const shop = merchant()
      const endpoints = Array.from({ length: mostEndpoints + 5 }, () =>
        aWebhookEndpoint(shop, ids.next('whk')),
      )
      const outcomes = await Promise.all(endpoints.map((endpoint) => register(endpoint, endpoint.id)))
      expect(outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(mostEndpoints)
      expect(outcomes.filter((outcome) => outcome === 'too_many')).toHaveLength(5)

      const listed = await setup().endpoints.list(shop)
      expect(listed.map(({ id }) => id)).toEqual(listed.map(({ id }) => id).sort())
      const [oldest] = listed
      if (oldest === undefined) throw new Error('twenty endpoints')
      expect(await setup().registry.remove(shop, oldest.id)).toBe('removed')
      expect(await setup().registry.remove(shop, oldest.id)).toBe('absent')
      await registered(shop)
      expect(await register(aWebhookEndpoint(shop, ids.next('whk')), 'one more')).toBe('too_many')
    })

    test('changes the newest state, whoever else changes it', async () => {
      const endpoint = await registered()
      const { merchant: shop, id } = endpoint
      const failures = 8
      await Promise.all(
        Array.from({ length: failures }, () =>
          setup().endpoints.change(shop, id, (state) => {
            const circuit = state.status === 'enabled' ? state.circuit : { status: 'closed' as const }
            const earlier = circuit.status === 'closed' ? 0 : circuit.failures
            return {
              status: 'enabled',
              circuit: { status: 'failing', failures: earlier + 1, since: now.toISOString() },
            }
          }),
        ),
      )
      expect(await setup().endpoints.find(shop, id)).toEqual({
        ...endpoint,
        revision: 1 + failures,
        state: {
          status: 'enabled',
          circuit: { status: 'failing', failures, since: now.toISOString() },
        },
      })
    })

    test('tells what was written, and nothing when nothing was', async () => {
      const { merchant: shop, id, ...rest } = await registered()
      const off = await setup().endpoints.change(shop, id, () => disabled('gone', now))
      expect(off).toEqual({
        merchant: shop,
        id,
        ...rest,
        revision: 2,
        state: { status: 'disabled', reason: 'gone', disabledAt: now.toISOString() },
      })
      expect(await setup().endpoints.change(shop, id, () => undefined)).toBeUndefined()
      expect((await setup().endpoints.find(shop, id))?.revision).toBe(2)
      expect(await setup().endpoints.change(shop, id, () => enabled)).toMatchObject({
        state: { status: 'enabled', circuit: { status: 'closed' } },
      })
      await setup().registry.remove(shop, id)
      expect(await setup().endpoints.change(shop, id, () => enabled)).toBeUndefined()
      expect(await setup().endpoints.find(shop, id)).toBeUndefined()
    })

    test('replaces secrets together with the answer, once per key', async () => {
      const endpoint = await registered()
      const { merchant: shop, id } = endpoint
      const next = (sealed: string, from = endpoint) =>
        withNewSecret(from, sealed, { now, overlapSeconds: 60 })
      const replace = (change: WebhookEndpoint, key: string) =>
        setup().registry.replaceSecrets(change, {
          request: aKeyedRequest(shop, key),
          outcome: accepted({ sealed: change.sealedSecrets[0] }),
        })
      const outcomes = await Promise.all(['b', 'c', 'd'].map((sealed) => replace(next(sealed), 'rotate')))
      expect(outcomes.toSorted()).toEqual(['already_answered', 'already_answered', 'replaced'])
      const stored = await setup().endpoints.find(shop, id)
      if (stored === undefined) throw new Error('no endpoint')
      expect(stored).toEqual(next(stored.sealedSecrets[0] ?? ''))
      expect((await setup().answers.find(aKeyedRequest(shop, 'rotate')))?.outcome).toEqual(
        accepted({ sealed: stored.sealedSecrets[0] }),
      )
      expect(await replace(next('e', stored), 'rotate')).toBe('already_answered')
      expect(await setup().endpoints.find(shop, id)).toEqual(stored)
    })

    test('replaces no secrets of an endpoint that has changed since, is gone, or is of another merchant', async () => {
      const endpoint = await registered()
      const { merchant: shop, id } = endpoint
      const rotated = withNewSecret(endpoint, 'new', { now, overlapSeconds: 60 })
      const replace = (change: WebhookEndpoint) =>
        setup().registry.replaceSecrets(change, {
          request: aKeyedRequest(change.merchant, 'late'),
          outcome: accepted({}),
        })
      const changed = await setup().endpoints.change(shop, id, () => disabled('gone', now))
      expect(await replace(rotated)).toBe('superseded')
      expect(await setup().endpoints.find(shop, id)).toEqual(changed)
      expect(await replace({ ...rotated, merchant: merchant() })).toBe('superseded')
      await setup().registry.remove(shop, id)
      expect(await replace(rotated)).toBe('superseded')
      expect(await setup().endpoints.find(shop, id)).toBeUndefined()
      expect(await setup().answers.find(aKeyedRequest(shop, 'late'))).toBeUndefined()
    })

    test('a state that changes while secrets are replaced loses neither', async () => {
      const { merchant: shop, id, ...endpoint } = await registered()
      const rotate = async () => {
        const stored = await setup().endpoints.find(shop, id)
        if (stored === undefined) throw new Error('no endpoint')
        const rotated = withNewSecret(stored, 'new', { now, overlapSeconds: 60 })
        const answer = { request: aKeyedRequest(shop, 'rotate'), outcome: accepted({}) }
        return setup().registry.replaceSecrets(rotated, answer)
      }
      const [outcome] = await Promise.all([
        rotate(),
        setup().endpoints.change(shop, id, () => disabled('gone', now)),
      ])
      const found = await setup().endpoints.find(shop, id)
      expect(found?.state.status).toBe('disabled')
      expect(found?.sealedSecrets).toEqual(
        outcome === 'replaced' ? ['new', ...endpoint.sealedSecrets] : endpoint.sealedSecrets,
      )
    })

    test("never reaches another merchant's endpoint", async () => {
      const { merchant: shop, id } = await registered()
      const other = merchant()
      expect(await setup().endpoints.find(other, id)).toBeUndefined()
      expect(await setup().endpoints.list(other)).toEqual([])
      expect(await setup().endpoints.change(other, id, () => enabled)).toBeUndefined()
      expect(await setup().registry.remove(other, id)).toBe('absent')
      expect(await setup().endpoints.find(shop, id)).toBeDefined()
    })
  })
