import type { EventId, WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import type { DeliverySummary, WebhookDelivery } from './webhook-delivery.ts'

/** Keeps deliveries with their payload until `keepUntil`. One merchant's calls MUST never reach another's. */
export interface WebhookDeliveryRepository {
  /** Creates a delivery. MUST leave one that is there as it is: it may be further. */
  add(delivery: WebhookDelivery): Promise<void>
  /** MUST read consistently. */
  find(
    merchant: MerchantId,
    endpointId: WebhookEndpointId,
    eventId: EventId,
  ): Promise<WebhookDelivery | undefined>
  /** Of one endpoint, newest event first. */
  page(
    merchant: MerchantId,
    endpointId: WebhookEndpointId,
    request: PageRequest,
  ): Promise<Page<DeliverySummary>>
  /** Writes a change if the stored revision is the one before; `superseded` when somebody else was faster. */
  save(delivery: WebhookDelivery): Promise<'saved' | 'superseded'>
}
