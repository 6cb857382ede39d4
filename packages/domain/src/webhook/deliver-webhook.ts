import type { Cause } from '../cause.ts'
import type { Clock } from '../clock.ts'
import { deliveryAfter, endpointAfter } from './after-answer.ts'
import { longestWaitSeconds } from './backoff.ts'
import { claimProbe } from './circuit.ts'
import type { DeliveryMessage } from './delivery-queue.ts'
import type { WebhookClient } from './webhook-client.ts'
import { type Attempt, inState, type WebhookDelivery } from './webhook-delivery.ts'
import type { WebhookDeliveryRepository } from './webhook-delivery-repository.ts'
import { type EndpointState, signingSecrets, type WebhookEndpoint } from './webhook-endpoint.ts'
import type { WebhookEndpointRepository } from './webhook-endpoint-repository.ts'
import type { SecretOpener } from './webhook-secrets.ts'

/**
 * What became of a message. `settled`: the delivery came to its end, `repeated`: it had done so before; either way the message is done.
 * `later`: it must come back after `seconds`, and hold back the messages behind it until then. `attempt`: a request was made.
 */
export type DeliveryTurn =
  | {
      readonly outcome: 'settled'
      readonly status: 'delivered' | 'exhausted' | 'stopped'
      readonly attempt?: Attempt
    }
  | { readonly outcome: 'repeated'; readonly attempt?: never }
  | { readonly outcome: 'later'; readonly seconds: number; readonly attempt?: Attempt }

/** A message without a delivery: none of ours sends that. */
export class UnknownDelivery extends Error {
  readonly code = 'unknown_delivery'
}

/** Deliveries that wait for a circuit come back spread over this time, so that the first can tell the others. */
const spreadSeconds = 60

const later = (until: Date, now: Date): DeliveryTurn & { outcome: 'later' } => ({
  outcome: 'later',
  seconds: Math.min(longestWaitSeconds, Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1_000))),
})

/**
 * Gives a delivery its turn: one request at most. The endpoint is written before the delivery, so that a crash between repeats the request
 * (the receiver knows it by its id) and forgets nothing. @throws UnknownDelivery. Last stop: the subscriber.
 */
export const makeDeliverWebhook = ({
  deliveries,
  endpoints,
  secrets,
  client,
  clock,
  random,
}: {
  readonly deliveries: WebhookDeliveryRepository
  readonly endpoints: WebhookEndpointRepository
  readonly secrets: SecretOpener
  readonly client: WebhookClient
  readonly clock: Clock
  /** From 0 to below 1. */
  readonly random: () => number
}) => {
  /** Writes what the delivery came to; when another consumer was faster, the message comes back to see what it wrote. */
  const conclude = async (delivery: WebhookDelivery, now: Date, attempt?: Attempt): Promise<DeliveryTurn> => {
    if ((await deliveries.save(delivery)) === 'superseded') return later(now, now)
    const { state } = delivery
    const made = attempt === undefined ? {} : { attempt }
    return state.status === 'pending'
      ? { ...later(new Date(state.nextAttemptAt), now), ...made }
      : { outcome: 'settled', status: state.status, ...made }
  }

  /** Until when the circuit holds this delivery back; nothing when it may go, be it as the probe of an open one. */
  const heldUntil = async (endpoint: WebhookEndpoint, now: Date): Promise<Date | undefined> => {
    const { merchant, id, state } = endpoint
    if (state.status === 'disabled' || state.circuit.status !== 'open') return undefined
    const probe = await endpoints.change(merchant, id, (newest) => {
      const circuit = newest.status === 'enabled' ? claimProbe(newest.circuit, now) : undefined
      return circuit && { status: 'enabled', circuit }
    })
    if (probe !== undefined) return undefined
    const until = Math.max(Date.parse(state.circuit.until), now.getTime())
    return new Date(until + random() * spreadSeconds * 1_000)
  }

  const post = async (endpoint: WebhookEndpoint, delivery: WebhookDelivery, cause: Cause) => {
    const { url } = endpoint
    const { merchant, endpointId, eventId, payload } = delivery
    const owner = { merchant, endpointId }
    const sealedSecrets = signingSecrets(endpoint, clock.now())
    const opened = await Promise.all(sealedSecrets.map((sealed) => secrets.open(sealed, owner)))
    const trace = cause.traceparent === undefined ? {} : { traceparent: cause.traceparent }
    const at = clock.now()
    const answer = await client.post({ url, id: eventId, at, body: payload, secrets: opened, ...trace })
    const durationMs = clock.now().getTime() - at.getTime()
    const result = 'status' in answer ? { status: answer.status } : answer
    return { answer, attempt: { at: at.toISOString(), durationMs, result } }
  }

  return async (message: DeliveryMessage, cause: Cause): Promise<DeliveryTurn> => {
    const { merchant, endpointId, eventId } = message
    const delivery = await deliveries.find(merchant, endpointId, eventId)
    if (delivery === undefined) throw new UnknownDelivery(`No delivery of ${eventId} to ${endpointId}`)
    const { state } = delivery
    if (state.status !== 'pending') return { outcome: 'repeated' }

    const endpoint = await endpoints.find(merchant, endpointId)
    const start = clock.now()
    if (endpoint === undefined || endpoint.state.status === 'disabled') {
      const reason = endpoint === undefined ? 'endpoint_deleted' : 'endpoint_disabled'
      return conclude(inState(delivery, { status: 'stopped', reason, stoppedAt: start.toISOString() }), start)
    }

    const due = new Date(state.nextAttemptAt)
    if (due > start) return later(due, start)
    const until = await heldUntil(endpoint, start)
    if (until !== undefined) return later(until, start)

    const { answer, attempt } = await post(endpoint, delivery, cause)
    const now = clock.now()
    const probe = endpoint.state.circuit.status === 'open'
    const after = (endpointState: EndpointState) => endpointAfter(endpointState, answer, { now, probe })
    // Most answers change nothing here: those cost no write, and no second read.
    if (after(endpoint.state) !== undefined) await endpoints.change(merchant, endpointId, after)
    const next = deliveryAfter(delivery, state, answer, attempt, now, random)
    return conclude(next, now, next.attempts.at(-1))
  }
}
