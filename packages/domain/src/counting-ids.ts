import { EventId, type Ids, OrderId, UploadId, WebhookEndpointId } from './ids.ts'

const schemas = { ord: OrderId, upl: UploadId, evt: EventId, whk: WebhookEndpointId }

/** Identifiers for tests and simulations: 1, 2, 3 … in the shape of a ULID, the same on every run. */
export class CountingIds implements Ids {
  #last = 0

  next(prefix: 'ord'): OrderId
  next(prefix: 'upl'): UploadId
  next(prefix: 'evt'): EventId
  next(prefix: 'whk'): WebhookEndpointId
  next(prefix: keyof typeof schemas): OrderId | UploadId | EventId | WebhookEndpointId {
    this.#last += 1
    return schemas[prefix].parse(`${prefix}_${String(this.#last).padStart(26, '0')}`)
  }
}
