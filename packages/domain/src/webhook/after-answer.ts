import { backoffSeconds, retryAfterSeconds } from './backoff.ts'
import { afterFailure } from './circuit.ts'
import type { WebhookAnswer } from './webhook-client.ts'
import {
  type Attempt,
  type DeliveryState,
  type PendingState,
  type WebhookDelivery,
  withAttempt,
} from './webhook-delivery.ts'
import { disabled, type EndpointState, enabled } from './webhook-endpoint.ts'

const isSuccess = (answer: WebhookAnswer) => 'status' in answer && answer.status >= 200 && answer.status < 300
/** The receiver's own word that it wants no more (Standard Webhooks 1.0, "410 Gone"). */
const isGone = (answer: WebhookAnswer) => 'status' in answer && answer.status === 410

/**
 * The state that an answer brings an endpoint to; nothing when it stays as it is. A redirect is a failure like any other. `probe`: the
 * request was the one that an open circuit let through.
 */
export const endpointAfter = (
  state: EndpointState,
  answer: WebhookAnswer,
  { now, probe }: { readonly now: Date; readonly probe: boolean },
): EndpointState | undefined => {
  if (state.status === 'disabled') return undefined
  if (isSuccess(answer)) return state.circuit.status === 'closed' ? undefined : enabled
  if (isGone(answer)) return disabled('gone', now)
  // Requests that were on their way when the circuit opened tell nothing new: fifty of them would keep it open for hours.
  if (state.circuit.status === 'open' && !probe) return undefined
  const circuit = afterFailure(state.circuit, now)
  return circuit === 'hopeless' ? disabled('failing', now) : { status: 'enabled', circuit }
}

/** How a pending delivery goes on after an attempt. */
export const deliveryAfter = (
  delivery: WebhookDelivery,
  { tries: earlier }: PendingState,
  answer: WebhookAnswer,
  attempt: Omit<Attempt, 'number'>,
  now: Date,
  random: () => number,
): WebhookDelivery => {
  const decide = (): DeliveryState => {
    if (isSuccess(answer)) return { status: 'delivered', deliveredAt: now.toISOString() }
    if (isGone(answer)) return { status: 'stopped', reason: 'endpoint_gone', stoppedAt: now.toISOString() }
    const tries = earlier + 1
    const mayAsk = 'status' in answer && (answer.status === 429 || answer.status === 503)
    const asked = retryAfterSeconds(mayAsk ? answer.retryAfter : undefined, now)
    const seconds = backoffSeconds(tries, asked, random)
    if (seconds === undefined) return { status: 'exhausted', exhaustedAt: now.toISOString() }
    const next = new Date(now.getTime() + seconds * 1_000)
    return { status: 'pending', tries, nextAttemptAt: next.toISOString() }
  }
  return withAttempt(delivery, attempt, decide())
}
