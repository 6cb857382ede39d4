import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Clock } from '@stockroom/domain/clock'
import type { ReplayRequests } from '@stockroom/domain/webhook/replay-requests'
import type { WebhookDelivery } from '@stockroom/domain/webhook/webhook-delivery'
import type { WebhookReplayRequestedV1 } from '@stockroom/domain/webhook/webhook-replay-requested.v1'
import { seal } from '@stockroom/outbox/envelope'
import { putEnvelope } from './outbox-item.ts'
import { transact } from './transact.ts'
import { deliveryUpdate } from './webhook-delivery-update.ts'

/** The delivery in the webhooks table, the request in the outbox table: the relay takes it to the queue, for the API may not write there. */
export class DynamoDbReplayRequests implements ReplayRequests {
  readonly #client: DynamoDBClient
  readonly #webhooksTable: string
  readonly #outboxTable: string
  readonly #clock: Clock

  constructor({
    client,
    webhooksTable,
    outboxTable,
    clock,
  }: {
    readonly client: DynamoDBClient
    readonly webhooksTable: string
    readonly outboxTable: string
    readonly clock: Clock
  }) {
    this.#client = client
    this.#webhooksTable = webhooksTable
    this.#outboxTable = outboxTable
    this.#clock = clock
  }

  async commit(delivery: WebhookDelivery, event: WebhookReplayRequestedV1): Promise<'saved' | 'superseded'> {
    const reasons = await transact(this.#client, [
      { Update: deliveryUpdate(this.#webhooksTable, delivery) },
      putEnvelope(this.#outboxTable, seal(delivery.merchant, [event], this.#clock.now())),
    ])
    return reasons === undefined ? 'saved' : 'superseded'
  }
}
