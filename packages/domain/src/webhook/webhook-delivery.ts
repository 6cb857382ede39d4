import * as z from 'zod/mini'
import { EventId, WebhookEndpointId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { DeliveryFailure } from './webhook-client.ts'

/** One request to the receiver: the status it answered, or why there was no answer. */
export const Attempt = z.object({
  number: z.int(),
  at: z.iso.datetime(),
  durationMs: z.int(),
  result: z.union([z.object({ status: z.int() }), z.object({ failure: DeliveryFailure })]),
})
export type Attempt = z.infer<typeof Attempt>

/** One event on its way to one endpoint, from the fan-out until it is settled, and again when it is replayed. */
export const WebhookDelivery = z.object({
  merchant: MerchantId,
  endpointId: WebhookEndpointId,
  eventId: EventId,
  eventType: z.string(),
  subject: z.string(),
  /** The CloudEvent as it was published, as JSON: every attempt signs and sends the same bytes. */
  payload: z.string(),
  createdAt: z.iso.datetime(),
  /** When it may be forgotten. */
  keepUntil: z.iso.datetime(),
  /** How often it was sent again on request; the sequence of these requests. */
  replays: z.int(),
  /** The newest twenty, oldest first. */
  attempts: z.array(Attempt),
  /** Counts its changes; the condition of the next one, so that a consumer that overslept cannot write over a newer one. */
  revision: z.int().check(z.minimum(1)),
  state: z.discriminatedUnion('status', [
    z.object({
      status: z.literal('pending'),
      /** Failed attempts since it was created or replayed. */
      tries: z.int(),
      nextAttemptAt: z.iso.datetime(),
    }),
    z.object({ status: z.literal('delivered'), deliveredAt: z.iso.datetime() }),
    z.object({ status: z.literal('exhausted'), exhaustedAt: z.iso.datetime() }),
    z.object({
      status: z.literal('stopped'),
      reason: z.enum(['endpoint_deleted', 'endpoint_disabled', 'endpoint_gone']),
      stoppedAt: z.iso.datetime(),
    }),
  ]),
})
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

/** What a list tells of a delivery: everything but the payload. */
export const DeliverySummary = z.omit(WebhookDelivery, { payload: true })
export type DeliverySummary = z.infer<typeof DeliverySummary>

export type DeliveryState = WebhookDelivery['state']
export type PendingState = Extract<DeliveryState, { status: 'pending' }>

const keptDays = 60
const keptAttempts = 20

export const keepUntil = (now: Date): string => new Date(now.getTime() + keptDays * 86_400_000).toISOString()

export const inState = (delivery: WebhookDelivery, state: DeliveryState): WebhookDelivery => ({
  ...delivery,
  revision: delivery.revision + 1,
  state,
})

export const withAttempt = (
  delivery: WebhookDelivery,
  attempt: Omit<Attempt, 'number'>,
  state: DeliveryState,
): WebhookDelivery => {
  const number = (delivery.attempts.at(-1)?.number ?? 0) + 1
  const attempts = [...delivery.attempts, { number, ...attempt }].slice(-keptAttempts)
  return { ...inState(delivery, state), attempts }
}

/** A settled delivery on its way once more, with all its attempts ahead of it. */
export const replayed = (delivery: WebhookDelivery, now: Date): WebhookDelivery => ({
  ...inState(delivery, { status: 'pending', tries: 0, nextAttemptAt: now.toISOString() }),
  replays: delivery.replays + 1,
  keepUntil: keepUntil(now),
})
