import { Busy } from '../busy.ts'
import type { Cause } from '../cause.ts'
import type { Clock } from '../clock.ts'
import { attributesOf } from '../events/event.ts'
import type { EventId, Ids, WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, type Outcome, refused } from '../refusal.ts'
import type { ReplayRequests } from './replay-requests.ts'
import { type DeliverySummary, replayed, type WebhookDelivery } from './webhook-delivery.ts'
import type { WebhookDeliveryRepository } from './webhook-delivery-repository.ts'
import type { WebhookEndpointRepository } from './webhook-endpoint-repository.ts'
import type { WebhookReplayRequestedV1 } from './webhook-replay-requested.v1.ts'

export interface ReplayDelivery {
  readonly merchant: MerchantId
  readonly endpointId: WebhookEndpointId
  readonly eventId: EventId
  readonly cause: Cause
}

/** Concurrent changes of one delivery are its own attempts; each settles it or waits for minutes. */
const mostLooks = 3

/**
 * Sends a settled delivery again, with a new set of attempts and the same `webhook-id`. A pending one is on its way already and is left
 * alone, so that asking twice is harmless. Events keep no order across a replay. @throws Busy when the delivery changes all the while.
 */
export const makeReplayDelivery =
  ({
    endpoints,
    deliveries,
    replays,
    ids,
    clock,
  }: {
    readonly endpoints: WebhookEndpointRepository
    readonly deliveries: WebhookDeliveryRepository
    readonly replays: ReplayRequests
    readonly ids: Ids
    readonly clock: Clock
  }) =>
  async ({ merchant, endpointId, eventId, cause }: ReplayDelivery): Promise<Outcome<DeliverySummary>> => {
    const endpoint = await endpoints.find(merchant, endpointId)
    if (endpoint === undefined) return refused('webhook_endpoint.not_found', 'There is no such endpoint')
    if (endpoint.state.status === 'disabled')
      return refused('webhook_delivery.not_replayable', 'The endpoint is disabled; enable it first')

    const requestOf = (delivery: WebhookDelivery): WebhookReplayRequestedV1 => ({
      ...attributesOf(
        { ids, clock },
        { merchant, subject: `${endpointId}/${eventId}`, version: delivery.replays, cause },
      ),
      type: 'webhook.replay_requested.v1',
      data: { endpointId, eventId, subject: delivery.subject },
    })

    for (let look = 0; look < mostLooks; look++) {
      const delivery = await deliveries.find(merchant, endpointId, eventId)
      if (delivery === undefined) return refused('webhook_delivery.not_found', 'There is no such delivery')
      if (delivery.state.status === 'pending') return accepted(delivery)
      const next = replayed(delivery, clock.now())
      if ((await replays.commit(next, requestOf(next))) === 'saved') return accepted(next)
    }
    throw new Busy('The delivery')
  }
