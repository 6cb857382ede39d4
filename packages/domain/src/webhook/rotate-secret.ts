import * as z from 'zod/mini'
import { Busy } from '../busy.ts'
import type { Clock } from '../clock.ts'
import { type Answered, answerOnce } from '../idempotency/answer-once.ts'
import type { AnswerStore } from '../idempotency/answer-store.ts'
import type { KeyedRequest } from '../idempotency/keyed-request.ts'
import { WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, refused } from '../refusal.ts'
import { withNewSecret } from './webhook-endpoint.ts'
import type { WebhookEndpointRegistry } from './webhook-endpoint-registry.ts'
import type { WebhookEndpointRepository } from './webhook-endpoint-repository.ts'
import type { SecretMint } from './webhook-secrets.ts'

export interface RotateSecret {
  readonly merchant: MerchantId
  readonly endpointId: WebhookEndpointId
  /** How long the secrets before it go on signing; 0 for one that leaked. */
  readonly overlapSeconds?: number
  readonly request: KeyedRequest
}

/** The one answer that shows the new secret. */
export const RotatedSecret = z.object({
  id: WebhookEndpointId,
  secret: z.string(),
  olderSecretsEndAt: z.iso.datetime(),
})
export type RotatedSecret = z.infer<typeof RotatedSecret>

const aDay = 86_400
export const longestOverlapSeconds = 7 * aDay

/** Whoever else writes an endpoint is a sender that notes success or failure: a few in a row at most. */
const mostLooks = 10

/**
 * Gives an endpoint a new secret once per idempotency key. Both sign until the overlap ends, so that a receiver changes over at any moment
 * in between without missing a webhook. `answers` as for `register-endpoint.ts`. @throws Busy when the endpoint changes all the while.
 */
export const makeRotateSecret =
  ({
    endpoints,
    registry,
    answers,
    secrets,
    clock,
  }: {
    readonly endpoints: Pick<WebhookEndpointRepository, 'find'>
    readonly registry: Pick<WebhookEndpointRegistry, 'replaceSecrets'>
    readonly answers: AnswerStore
    readonly secrets: SecretMint
    readonly clock: Clock
  }) =>
  ({
    merchant,
    endpointId,
    overlapSeconds = aDay,
    request,
  }: RotateSecret): Promise<Answered<RotatedSecret>> =>
    answerOnce(answers, RotatedSecret, request, async () => {
      for (let look = 0; look < mostLooks; look++) {
        const endpoint = await endpoints.find(merchant, endpointId)
        if (endpoint === undefined) return refused('webhook_endpoint.not_found', 'There is no such endpoint')
        const { secret, sealed } = await secrets.mint({ merchant, endpointId })
        const rotated = withNewSecret(endpoint, sealed, { now: clock.now(), overlapSeconds })
        const { olderSecretsEndAt } = rotated
        const outcome = accepted({ id: endpointId, secret, olderSecretsEndAt })
        const replacement = await registry.replaceSecrets(rotated, { request, outcome })
        if (replacement === 'replaced') return outcome
        if (replacement === 'already_answered') return 'already_answered'
      }
      throw new Busy('The endpoint')
    })
