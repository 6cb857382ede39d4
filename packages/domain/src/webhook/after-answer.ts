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
import { disabled, enabled, type WebhookEndpoint } from './webhook-endpoint.ts'

const isSuccess = (answer: WebhookAnswer) => 'status' in answer && answer.status >= 200 && answer.status < 300
/** The receiver's own word that it wants no more (Standard Webhooks 1.0, "410 Gone"). */
const isGone = (answer: WebhookAnswer) => 'status' in answer && answer.status === 410

/** How an answer changes the endpoint; nothing when it does not. A redirect is a failure like any other. */
export const endpointAfter = (
  endpoint: WebhookEndpoint,
  answer: WebhookAnswer,
  now: Date,
): WebhookEndpoint | undefined => {
  if (endpoint.state.status === 'disabled') return undefined
  const { circuit } = endpoint.state
  if (isSuccess(answer)) return circuit.status === 'closed' ? undefined : enabled(endpoint)
  if (isGone(answer)) return disabled(endpoint, 'gone', now)
  const next = afterFailure(circuit, now)
  return next === 'hopeless'
    ? disabled(endpoint, 'failing', now)
    : { ...endpoint, state: { status: 'enabled', circuit: next } }
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
