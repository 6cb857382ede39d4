import type { KeyedAnswer } from '../idempotency/answer-store.ts'
import type { WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

/** Keeps endpoints. One merchant's calls MUST never reach another's. All reads MUST be consistent: what was registered before an event is told of it. */
export interface WebhookEndpointRepository {
  /**
   * MUST write endpoint and answer in one transaction, or nothing. The answer holds the secret: it MUST be kept so that only who
   * presents the request's key again can read it. `too_many` when the merchant has `mostEndpoints`.
   */
  register(
    endpoint: WebhookEndpoint,
    answer: KeyedAnswer,
  ): Promise<'registered' | 'already_answered' | 'too_many'>
  find(merchant: MerchantId, id: WebhookEndpointId): Promise<WebhookEndpoint | undefined>
  /** All of a merchant, oldest first; they are few (`mostEndpoints`). */
  list(merchant: MerchantId): Promise<readonly WebhookEndpoint[]>
  /**
   * Applies `change` to the newest state, whatever others write meanwhile; `change` returns nothing to leave it as it is.
   * Returns what was written, nothing when nothing was or the endpoint is not there.
   */
  change(
    merchant: MerchantId,
    id: WebhookEndpointId,
    change: (endpoint: WebhookEndpoint) => WebhookEndpoint | undefined,
  ): Promise<WebhookEndpoint | undefined>
  remove(merchant: MerchantId, id: WebhookEndpointId): Promise<'removed' | 'absent'>
}
