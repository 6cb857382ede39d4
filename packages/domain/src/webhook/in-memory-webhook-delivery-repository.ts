import type { EventId, WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Page, PageRequest } from '../page.ts'
import type { ReplayRequests } from './replay-requests.ts'
import { type DeliverySummary, WebhookDelivery } from './webhook-delivery.ts'
import type { WebhookDeliveryRepository } from './webhook-delivery-repository.ts'
import type { WebhookReplayRequestedV1 } from './webhook-replay-requested.v1.ts'

const keyOf = (merchant: MerchantId, endpointId: WebhookEndpointId, eventId: EventId | '' = '') =>
  `${merchant}#${endpointId}#${eventId}`

/** Deliveries kept as text; `record` is the outbox. */
export class InMemoryWebhookDeliveryRepository implements WebhookDeliveryRepository, ReplayRequests {
  readonly #deliveries = new Map<string, string>()
  readonly #record: (event: WebhookReplayRequestedV1) => void

  constructor(record: (event: WebhookReplayRequestedV1) => void) {
    this.#record = record
  }

  /** Everything that is kept, for audits. */
  rows(): readonly WebhookDelivery[] {
    return [...this.#deliveries.values()].map((stored) => WebhookDelivery.parse(JSON.parse(stored)))
  }

  async add(delivery: WebhookDelivery): Promise<void> {
    if (this.#read(keyOf(delivery.merchant, delivery.endpointId, delivery.eventId)) === undefined)
      this.#write(delivery)
  }

  async find(
    merchant: MerchantId,
    endpointId: WebhookEndpointId,
    eventId: EventId,
  ): Promise<WebhookDelivery | undefined> {
    return this.#read(keyOf(merchant, endpointId, eventId))
  }

  async page(
    merchant: MerchantId,
    endpointId: WebhookEndpointId,
    { limit, after }: PageRequest,
  ): Promise<Page<DeliverySummary>> {
    const rest = [...this.#deliveries.entries()]
      .filter(([key]) => key.startsWith(keyOf(merchant, endpointId)))
      .map(([, stored]) => WebhookDelivery.parse(JSON.parse(stored)))
      .filter(({ eventId }) => after === undefined || eventId < after)
      .sort((a, b) => (a.eventId < b.eventId ? 1 : -1))
    const items = rest.slice(0, limit).map(({ payload: _, ...summary }) => summary)
    const last = items.at(-1)
    return last === undefined || rest.length <= limit ? { items } : { items, next: last.eventId }
  }

  async save(delivery: WebhookDelivery): Promise<'saved' | 'superseded'> {
    return this.#save(delivery)
  }

  async commit(delivery: WebhookDelivery, event: WebhookReplayRequestedV1): Promise<'saved' | 'superseded'> {
    const saved = this.#save(delivery)
    if (saved === 'saved') this.#record(event)
    return saved
  }

  #save(delivery: WebhookDelivery): 'saved' | 'superseded' {
    const stored = this.#read(keyOf(delivery.merchant, delivery.endpointId, delivery.eventId))
    if (stored?.revision !== delivery.revision - 1) return 'superseded'
    this.#write(delivery)
    return 'saved'
  }

  #read(key: string): WebhookDelivery | undefined {
    const stored = this.#deliveries.get(key)
    return stored === undefined ? undefined : WebhookDelivery.parse(JSON.parse(stored))
  }

  #write(delivery: WebhookDelivery): void {
    this.#deliveries.set(
      keyOf(delivery.merchant, delivery.endpointId, delivery.eventId),
      JSON.stringify(delivery),
    )
  }
}
