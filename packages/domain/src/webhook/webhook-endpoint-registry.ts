import type { KeyedAnswer } from '../idempotency/answer-store.ts'
import type { WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

/** Where endpoints come, get new secrets, and go; senders have no part in it. */
export interface WebhookEndpointRegistry {
  /**
   * MUST write endpoint and answer in one transaction, or nothing. The answer holds the secret: it MUST be kept so that only who
   * presents the request's key again can read it. `too_many` when the merchant has `mostEndpoints`.
   */
  register(
    endpoint: WebhookEndpoint,
    answer: KeyedAnswer,
  ): Promise<'registered' | 'already_answered' | 'too_many'>
  /**
   * MUST write the secrets of `endpoint` and the answer in one transaction, or nothing: `superseded` when the stored endpoint is not of
   * the revision before, or gone. The answer is to be kept as that of `register`.
   */
  replaceSecrets(
    endpoint: WebhookEndpoint,
    answer: KeyedAnswer,
  ): Promise<'replaced' | 'already_answered' | 'superseded'>
  remove(merchant: MerchantId, id: WebhookEndpointId): Promise<'removed' | 'absent'>
}
