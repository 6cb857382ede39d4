import type { Clock } from '@stockroom/domain/clock'
import { EventId, type Ids, OrderId, UploadId, WebhookEndpointId } from '@stockroom/domain/ids'
import { monotonicFactory } from 'ulid'

const schemas = { ord: OrderId, upl: UploadId, evt: EventId, whk: WebhookEndpointId }

/** Identifiers of 80 random bits behind the time; those of one process sort in the order in which it made them, whatever its clock does. */
export class UlidIds implements Ids {
  readonly #clock: Clock
  readonly #ulid = monotonicFactory()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  next(prefix: 'ord'): OrderId
  next(prefix: 'upl'): UploadId
  next(prefix: 'evt'): EventId
  next(prefix: 'whk'): WebhookEndpointId
  next(prefix: keyof typeof schemas): OrderId | UploadId | EventId | WebhookEndpointId {
    return schemas[prefix].parse(`${prefix}_${this.#ulid(this.#clock.now().getTime())}`)
  }
}
