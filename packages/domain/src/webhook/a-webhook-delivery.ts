import type { EventId, WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { WebhookDelivery } from './webhook-delivery.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

/** A new endpoint for tests. */
export const aWebhookEndpoint = (
  merchant: MerchantId,
  id: WebhookEndpointId,
  overrides: Partial<WebhookEndpoint> = {},
): WebhookEndpoint => ({
  id,
  merchant,
  url: 'https://shop.example/hook',
  sealedSecrets: ['sealed'],
  createdAt: '2026-11-23T09:00:00.000Z',
  revision: 1,
  state: { status: 'enabled', circuit: { status: 'closed' } },
  ...overrides,
})

/** A pending delivery for tests. */
export const aWebhookDelivery = (
  merchant: MerchantId,
  endpointId: WebhookEndpointId,
  eventId: EventId,
  overrides: Partial<WebhookDelivery> = {},
): WebhookDelivery => ({
  merchant,
  endpointId,
  eventId,
  eventType: 'order.placed.v1',
  subject: 'ord_00000000000000000000000001',
  payload: '{"data":"für zwei ☕"}',
  createdAt: '2026-11-23T09:00:00.000Z',
  keepUntil: '2027-01-22T09:00:00.000Z',
  replays: 0,
  attempts: [],
  revision: 1,
  state: { status: 'pending', tries: 0, nextAttemptAt: '2026-11-23T09:00:00.000Z' },
  ...overrides,
})
