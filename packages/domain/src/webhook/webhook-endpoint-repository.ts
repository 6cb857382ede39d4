import type { WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { EndpointState, WebhookEndpoint } from './webhook-endpoint.ts'

/** Reads and changes endpoints. One merchant's calls MUST never reach another's. Reads MUST be consistent: who registered before an event hears of it. */
export interface WebhookEndpointRepository {
  find(merchant: MerchantId, id: WebhookEndpointId): Promise<WebhookEndpoint | undefined>
  /** All of a merchant, oldest first; they are few (`mostEndpoints`). */
  list(merchant: MerchantId): Promise<readonly WebhookEndpoint[]>
  /**
   * Brings an endpoint from its newest state to another, whatever others write meanwhile; `change` returns nothing to leave it as it is.
   * Returns what was written, nothing when nothing was or the endpoint is not there. @throws Busy when too many write at once.
   */
  change(
    merchant: MerchantId,
    id: WebhookEndpointId,
    change: (state: EndpointState) => EndpointState | undefined,
  ): Promise<WebhookEndpoint | undefined>
}
