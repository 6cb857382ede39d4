import type { WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import { accepted, type Outcome, refused } from '../refusal.ts'
import type { DeliverySummary } from './webhook-delivery.ts'
import type { WebhookDeliveryRepository } from './webhook-delivery-repository.ts'
import type { WebhookEndpointRepository } from './webhook-endpoint-repository.ts'

/** What was sent to an endpoint and what came of it. The deliveries of a deleted endpoint stay visible for as long as they are kept. */
export const makeListDeliveries =
  ({
    endpoints,
    deliveries,
  }: {
    readonly endpoints: WebhookEndpointRepository
    readonly deliveries: WebhookDeliveryRepository
  }) =>
  async (
    merchant: MerchantId,
    endpointId: WebhookEndpointId,
    request: PageRequest,
  ): Promise<Outcome<Page<DeliverySummary>>> => {
    const page = await deliveries.page(merchant, endpointId, request)
    if (page.items.length === 0 && (await endpoints.find(merchant, endpointId)) === undefined)
      return refused('webhook_endpoint.not_found', 'There is no such endpoint')
    return accepted(page)
  }
