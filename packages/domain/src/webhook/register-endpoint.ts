import * as z from 'zod/mini'
import type { Clock } from '../clock.ts'
import { type Answered, answerOnce } from '../idempotency/answer-once.ts'
import type { AnswerStore } from '../idempotency/answer-store.ts'
import type { KeyedRequest } from '../idempotency/keyed-request.ts'
import { type Ids, WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { accepted, refused } from '../refusal.ts'
import { enabled, mostEndpoints } from './webhook-endpoint.ts'
import type { WebhookEndpointRegistry } from './webhook-endpoint-registry.ts'
import type { SecretMint } from './webhook-secrets.ts'
import type { WebhookTargets } from './webhook-targets.ts'

export interface RegisterEndpoint {
  readonly merchant: MerchantId
  readonly url: string
  /** Absent: every type. */
  readonly eventTypes?: readonly string[]
  readonly request: KeyedRequest
}

/** The one answer that shows the secret. */
export const RegisteredEndpoint = z.object({
  id: WebhookEndpointId,
  url: z.url(),
  eventTypes: z.optional(z.array(z.string())),
  createdAt: z.iso.datetime(),
  secret: z.string(),
})
export type RegisteredEndpoint = z.infer<typeof RegisteredEndpoint>

/**
 * Registers an endpoint once per idempotency key. `answers` MUST keep what it is given readable only to who presents the key again:
 * so a repeat gets the same answer, secret included, and the store holds no secret that can be read without it.
 */
export const makeRegisterEndpoint =
  ({
    registry,
    answers,
    targets,
    secrets,
    ids,
    clock,
  }: {
    readonly registry: WebhookEndpointRegistry
    readonly answers: AnswerStore
    readonly targets: WebhookTargets
    readonly secrets: SecretMint
    readonly ids: Ids
    readonly clock: Clock
  }) =>
  ({ merchant, url, eventTypes, request }: RegisterEndpoint): Promise<Answered<RegisteredEndpoint>> =>
    answerOnce(answers, RegisteredEndpoint, request, async () => {
      const refusal = await targets.refusal(url)
      if (refusal !== undefined) return refused('webhook_endpoint.url_refused', refusal)

      const id = ids.next('whk')
      const { secret, sealed } = await secrets.mint({ merchant, endpointId: id })
      const createdAt = clock.now().toISOString()
      const registered = { id, url, ...(eventTypes && { eventTypes: [...eventTypes] }), createdAt }
      const endpoint = { ...registered, merchant, sealedSecrets: [sealed], revision: 1, state: enabled }
      const outcome = accepted({ ...registered, secret })
      const registration = await registry.register(endpoint, { request, outcome })
      switch (registration) {
        case 'registered':
          return outcome
        case 'already_answered':
          return 'already_answered'
        case 'too_many':
          return refused('webhook_endpoint.too_many', `A merchant has at most ${mostEndpoints} endpoints`)
        default:
          return registration satisfies never
      }
    })
