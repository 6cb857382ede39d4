import { describe, expect, test } from 'vitest'
import { CountingIds } from '../counting-ids.ts'
import { attributesOf } from '../events/event.ts'
import { ManualClock } from '../manual-clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import { aWebhookDelivery } from './a-webhook-delivery.ts'
import type { ReplayRequests } from './replay-requests.ts'
import { inState, replayed, type WebhookDelivery, withAttempt } from './webhook-delivery.ts'
import type { WebhookDeliveryRepository } from './webhook-delivery-repository.ts'
import type { WebhookReplayRequestedV1 } from './webhook-replay-requested.v1.ts'

/** What a store's test brings to the contract. */
export interface WebhookDeliverySetup {
  readonly deliveries: WebhookDeliveryRepository
  readonly replays: ReplayRequests
  /** The events in a subject's outbox envelopes, in order. */
  events(merchant: MerchantId, subject: string): Promise<readonly WebhookReplayRequestedV1[]>
}

const ids = new CountingIds()
const clock = new ManualClock()
const now = clock.now()

const replayOf = (delivery: WebhookDelivery): WebhookReplayRequestedV1 => {
  const { merchant, endpointId, eventId, subject, replays } = delivery
  const change = {
    merchant,
    subject: `${endpointId}/${eventId}`,
    version: replays,
    cause: { correlationId: 'c' },
  }
  return {
    ...attributesOf({ ids, clock }, change),
    type: 'webhook.replay_requested.v1',
    data: { endpointId, eventId, subject },
  }
}

/** What every WebhookDeliveryRepository and ReplayRequests promise. `merchant` gives a new one each time, so that the store may be shared. */
export const webhookDeliveryRepositoryContract = (
  name: string,
  setup: () => WebhookDeliverySetup,
  merchant: () => MerchantId,
) =>
  describe(`${name} as WebhookDeliveryRepository`, () => {
    const added = async (shop = merchant(), endpointId = ids.next('whk'), eventId = ids.next('evt')) => {
      const delivery = aWebhookDelivery(shop, endpointId, eventId)
      await setup().deliveries.add(delivery)
      return delivery
    }
    const find = ({ merchant: shop, endpointId, eventId }: WebhookDelivery) =>
      setup().deliveries.find(shop, endpointId, eventId)
    const answered = (delivery: WebhookDelivery, status: number) =>
      withAttempt(
        delivery,
        { at: now.toISOString(), durationMs: 12, result: { status } },
        { status: 'delivered', deliveredAt: now.toISOString() },
      )

    test('keeps a delivery with its payload and every state', async () => {
      let delivery = await added()
      expect(await find(delivery)).toEqual(delivery)
      const at = now.toISOString()
      for (const state of [
        { status: 'pending', tries: 3, nextAttemptAt: at },
        { status: 'stopped', reason: 'endpoint_gone', stoppedAt: at },
        { status: 'exhausted', exhaustedAt: at },
        { status: 'delivered', deliveredAt: at },
      ] as const) {
        delivery = inState(delivery, state)
        expect(await setup().deliveries.save(delivery)).toBe('saved')
        expect(await find(delivery)).toEqual(delivery)
      }
    })

    test('adding a delivery that is there leaves it as it is', async () => {
      const delivery = await added()
      const further = answered(delivery, 204)
      await setup().deliveries.save(further)
      await setup().deliveries.add(delivery)
      expect(await find(delivery)).toEqual(further)
    })

    test('of two that change the same revision one is superseded', async () => {
      const delivery = await added()
      const changes = [answered(delivery, 204), answered(delivery, 200)]
      const outcomes = await Promise.all(changes.map((change) => setup().deliveries.save(change)))
      expect([...outcomes].sort()).toEqual(['saved', 'superseded'])
      expect(await find(delivery)).toEqual(changes[outcomes.indexOf('saved')])
      expect(await setup().deliveries.save(inState(delivery, delivery.state))).toBe('superseded')
    })

    test('saving does not bring a forgotten delivery back', async () => {
      const delivery = aWebhookDelivery(merchant(), ids.next('whk'), ids.next('evt'))
      expect(await setup().deliveries.save(answered(delivery, 204))).toBe('superseded')
      expect(await find(delivery)).toBeUndefined()
    })

    test('a replay and its event are written together, or neither is', async () => {
      const delivery = answered(await added(), 204)
      await setup().deliveries.save(delivery)
      const first = replayed(delivery, now)
      const request = replayOf(first)
      const outcomes = await Promise.all([
        setup().replays.commit(first, request),
        setup().replays.commit(first, replayOf(first)),
      ])
      expect([...outcomes].sort()).toEqual(['saved', 'superseded'])
      expect(await find(delivery)).toEqual(first)

      const again = answered(first, 500)
      await setup().deliveries.save(again)
      expect(await setup().replays.commit(replayed(again, now), replayOf(replayed(again, now)))).toBe('saved')
      const events = await setup().events(delivery.merchant, request.subject)
      expect(events.map(({ sequence, data }) => [sequence, data])).toEqual([
        ['0000000001', request.data],
        ['0000000002', request.data],
      ])
    })

    test("lists an endpoint's deliveries newest first, page by page, without their payloads", async () => {
      const [shop, endpointId] = [merchant(), ids.next('whk')]
      const deliveries = []
      for (let n = 0; n < 5; n++) deliveries.push(await added(shop, endpointId))
      await added(shop)
      const newest = deliveries.toReversed().map(({ payload: _, ...summary }) => summary)

      const first = await setup().deliveries.page(shop, endpointId, { limit: 2 })
      expect(first.items).toEqual(newest.slice(0, 2))
      const second = await setup().deliveries.page(shop, endpointId, { limit: 2, after: first.next ?? '' })
      expect(second.items).toEqual(newest.slice(2, 4))
      const last = await setup().deliveries.page(shop, endpointId, { limit: 2, after: second.next ?? '' })
      expect(last).toEqual({ items: newest.slice(4) })
    })

    test("never reaches another merchant's delivery", async () => {
      const delivery = await added()
      const other = merchant()
      const { endpointId, eventId } = delivery
      expect(await setup().deliveries.find(other, endpointId, eventId)).toBeUndefined()
      expect(await setup().deliveries.page(other, endpointId, { limit: 10 })).toEqual({ items: [] })
      expect(await setup().deliveries.save({ ...answered(delivery, 204), merchant: other })).toBe(
        'superseded',
      )
      expect(await find(delivery)).toEqual(delivery)
    })
  })
