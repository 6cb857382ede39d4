import { EventId, WebhookEndpointId } from '@stockroom/domain/ids'
import { DeliveryFailure } from '@stockroom/domain/webhook/webhook-client'
import type { DeliverySummary } from '@stockroom/domain/webhook/webhook-delivery'
import type { WebhookEndpoint } from '@stockroom/domain/webhook/webhook-endpoint'
import * as z from 'zod/mini'

/** An endpoint as callers see it: never with its secret. */
export const EndpointView = z.object({
  id: WebhookEndpointId,
  url: z.string(),
  /** Absent: every type. */
  eventTypes: z.optional(z.array(z.string())),
  createdAt: z.iso.datetime(),
  status: z.enum(['enabled', 'disabled']),
  /** `gone`: it answered 410. `failing`: it has failed for three days without one success. */
  reason: z.optional(z.enum(['gone', 'failing'])),
  disabledAt: z.optional(z.iso.datetime()),
  /** Until when the secrets before the newest sign too, if it ever got a new one. */
  olderSecretsEndAt: z.optional(z.iso.datetime()),
  /** While it fails: since when, how often in a row, and until when nothing is sent. */
  failing: z.optional(
    z.object({ since: z.iso.datetime(), failures: z.int(), until: z.optional(z.iso.datetime()) }),
  ),
})
export type EndpointView = z.infer<typeof EndpointView>

export const viewEndpoint = ({ state, ...endpoint }: WebhookEndpoint): EndpointView =>
  z.parse(EndpointView, {
    ...endpoint,
    ...state,
    ...(state.status === 'enabled' && state.circuit.status !== 'closed' && { failing: state.circuit }),
  })

/** A delivery as callers see it. Which of the times it has depends on its status. */
export const DeliveryView = z.object({
  eventId: EventId,
  eventType: z.string(),
  subject: z.string(),
  createdAt: z.iso.datetime(),
  status: z.enum(['pending', 'delivered', 'exhausted', 'stopped']),
  /** While it is pending: not before then. */
  nextAttemptAt: z.optional(z.iso.datetime()),
  deliveredAt: z.optional(z.iso.datetime()),
  exhaustedAt: z.optional(z.iso.datetime()),
  stoppedAt: z.optional(z.iso.datetime()),
  reason: z.optional(z.enum(['endpoint_deleted', 'endpoint_disabled', 'endpoint_gone'])),
  replays: z.int(),
  /** The newest twenty, oldest first, each with the status answered or the reason why there was no answer. */
  attempts: z.array(
    z.object({
      number: z.int(),
      at: z.iso.datetime(),
      durationMs: z.int(),
      status: z.optional(z.int()),
      failure: z.optional(DeliveryFailure),
    }),
  ),
})
export type DeliveryView = z.infer<typeof DeliveryView>

export const viewDelivery = ({ state, attempts, ...delivery }: DeliverySummary): DeliveryView =>
  z.parse(DeliveryView, {
    ...delivery,
    ...state,
    attempts: attempts.map(({ result, ...attempt }) => ({ ...attempt, ...result })),
  })

/** For the API's description. */
export const exampleEndpoint = {
  id: 'whk_01KAR3ZJ5T8Q6W2V9X4Y7B1C3D',
  url: 'https://shop.example/stockroom',
  eventTypes: ['order.placed.v1', 'order.paid.v1'],
  createdAt: '2026-11-23T09:00:00.000Z',
  status: 'enabled',
}
export const exampleDelivery = {
  eventId: 'evt_01KAR41V6T8Q6W2V9X4Y7B1C3D',
  eventType: 'order.placed.v1',
  subject: 'ord_01KAR41V5T8Q6W2V9X4Y7B1C3D',
  createdAt: '2026-11-23T09:01:00.000Z',
  status: 'delivered',
  deliveredAt: '2026-11-23T09:01:06.000Z',
  replays: 0,
  attempts: [
    { number: 1, at: '2026-11-23T09:01:00.100Z', durationMs: 130, status: 503 },
    { number: 2, at: '2026-11-23T09:01:05.900Z', durationMs: 100, status: 204 },
  ],
}
