import * as z from 'zod/mini'
import type { Cause } from '../cause.ts'
import type { Clock } from '../clock.ts'
import { StockroomEvent } from '../events/catalogue.ts'
import type { WebhookEndpointId } from '../ids.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import type { SubjectCursors } from './subject-cursors.ts'
import { keepUntil } from './webhook-delivery.ts'
import type { WebhookDeliveryRepository } from './webhook-delivery-repository.ts'
import { isSubscribed } from './webhook-endpoint.ts'
import type { WebhookEndpointRepository } from './webhook-endpoint-repository.ts'
import { WebhookReplayRequestedV1 } from './webhook-replay-requested.v1.ts'

/** An event whose predecessor has not been seen. Trying again helps when that one is on its way. */
export class SequenceGap extends Error {
  readonly code = 'sequence_gap'
}

/** What reached the queue is not an event of ours; trying again does not help. */
export class ForeignEvent extends Error {
  readonly code = 'foreign_event'
}

export type FanOut =
  | { readonly outcome: 'fanned_out'; readonly deliveries: number }
  | { readonly outcome: 'repeated' }
  | { readonly outcome: 'replay_queued' }

const AnyEvent = z.union([StockroomEvent, WebhookReplayRequestedV1])

/** Outlives an event's stay in the queue and in its dead-letter queue, 14 days each. No order and no upload changes again so late. */
const cursorDays = 30

/**
 * Turns one event, the JSON value of a message, into one delivery per subscribed endpoint. The order of effects makes every crash
 * harmless: a delivery is stored before its message is sent, and the cursor moves last, so that a repeat stores nothing twice and sends
 * what may not have been sent. Next stop: deliver-webhook.ts, by the deliveries queue.
 * @throws ZodError for an unknown type or version, ForeignEvent, SequenceGap: all end in the dead-letter queue, with the payload.
 */
export const makeFanOutEvent = ({
  endpoints,
  deliveries,
  cursors,
  queue,
  clock,
}: {
  readonly endpoints: WebhookEndpointRepository
  readonly deliveries: WebhookDeliveryRepository
  readonly cursors: SubjectCursors
  readonly queue: DeliveryQueue
  readonly clock: Clock
}) => {
  const fanOut = async (event: StockroomEvent, payload: string, cause: Cause): Promise<FanOut> => {
    const { merchant, subject } = event
    const sequence = Number(event.sequence)
    const last = await cursors.last(merchant, subject)
    if (sequence <= last) return { outcome: 'repeated' }
    if (sequence > last + 1)
      throw new SequenceGap(`${subject} is at ${last}; ${sequence} cannot follow before ${last + 1}`)

    const now = clock.now()
    const subscribed = (await endpoints.list(merchant)).filter((endpoint) =>
      isSubscribed(endpoint, event.type),
    )
    const deliverTo = async (endpointId: WebhookEndpointId): Promise<void> => {
      await deliveries.add({
        merchant,
        endpointId,
        eventId: event.id,
        eventType: event.type,
        subject,
        payload,
        createdAt: now.toISOString(),
        keepUntil: keepUntil(now),
        replays: 0,
        attempts: [],
        revision: 1,
        state: { status: 'pending', tries: 0, nextAttemptAt: now.toISOString() },
      })
      await queue.send({ merchant, endpointId, eventId: event.id }, { subject, asked: event.id }, cause)
    }
    // Side by side: ten events of a merchant with twenty endpoints are four hundred calls.
    await Promise.all(subscribed.map(({ id }) => deliverTo(id)))

    const until = new Date(now.getTime() + cursorDays * 86_400_000)
    const moved = await cursors.advance(merchant, subject, sequence, until)
    return moved === 'advanced'
      ? { outcome: 'fanned_out', deliveries: subscribed.length }
      : { outcome: 'repeated' }
  }

  const queueReplay = async (
    { id, merchant, data }: WebhookReplayRequestedV1,
    cause: Cause,
  ): Promise<FanOut> => {
    const { endpointId, eventId, subject } = data
    await queue.send({ merchant, endpointId, eventId }, { subject, asked: id }, cause)
    return { outcome: 'replay_queued' }
  }

  return async (message: unknown, cause: Cause): Promise<FanOut> => {
    const event = z.parse(AnyEvent, message)
    if (event.source !== `/merchants/${event.merchant}`)
      throw new ForeignEvent(`${event.id} of ${event.merchant} comes from ${event.source}`)
    // What goes out is what came in: members that this version does not know yet reach the receiver too.
    return event.type === 'webhook.replay_requested.v1'
      ? queueReplay(event, cause)
      : fanOut(event, JSON.stringify(message), cause)
  }
}
