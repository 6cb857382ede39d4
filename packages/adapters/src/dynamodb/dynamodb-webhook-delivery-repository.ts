import { type DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { EventId, WebhookEndpointId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { Page, PageRequest } from '@stockroom/domain/page'
import { DeliverySummary, WebhookDelivery } from '@stockroom/domain/webhook/webhook-delivery'
import type { WebhookDeliveryRepository } from '@stockroom/domain/webhook/webhook-delivery-repository'
import { deliveriesOf, deliveryKey } from './keys.ts'
import { deliveryTtl, deliveryUpdate } from './webhook-delivery-update.ts'
import { putIf, updateIf } from './write-if.ts'

/** Deliveries in the webhooks table, one item each, payload and attempts included; TTL removes them after `keepUntil`. */
export class DynamoDbWebhookDeliveryRepository implements WebhookDeliveryRepository {
  readonly #client: DynamoDBClient
  readonly #webhooksTable: string

  constructor({
    client,
    webhooksTable,
  }: { readonly client: DynamoDBClient; readonly webhooksTable: string }) {
    this.#client = client
    this.#webhooksTable = webhooksTable
  }

  async add(delivery: WebhookDelivery): Promise<void> {
    const key = deliveryKey(delivery.merchant, delivery.endpointId, delivery.eventId)
    await putIf(this.#client, {
      TableName: this.#webhooksTable,
      Item: marshall({ ...delivery, ...key, ttl: deliveryTtl(delivery) }),
      ConditionExpression: 'attribute_not_exists(pk)',
    })
  }

  async find(
    merchant: MerchantId,
    endpointId: WebhookEndpointId,
    eventId: EventId,
  ): Promise<WebhookDelivery | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#webhooksTable,
        Key: marshall(deliveryKey(merchant, endpointId, eventId)),
        ConsistentRead: true,
      }),
    )
    return Item && WebhookDelivery.parse(unmarshall(Item))
  }

  async page(
    merchant: MerchantId,
    endpointId: WebhookEndpointId,
    { limit, after }: PageRequest,
  ): Promise<Page<DeliverySummary>> {
    // A query stops at 1 MB, which a few long payloads reach although they are not asked for: go on until the page is full.
    const pages = paginateQuery(
      { client: this.#client, pageSize: limit + 1 },
      {
        TableName: this.#webhooksTable,
        KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk < :after',
        ExpressionAttributeValues: marshall(
          { ':pk': deliveriesOf(merchant, endpointId), ':after': after },
          { removeUndefinedValues: true },
        ),
        ScanIndexForward: false,
        ...summaryProjection,
      },
    )
    const found: DeliverySummary[] = []
    for await (const { Items = [] } of pages) {
      found.push(...Items.map((item) => DeliverySummary.parse(unmarshall(item))))
      if (found.length > limit) break
    }
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return last === undefined || found.length <= limit ? { items } : { items, next: last.eventId }
  }

  async save(delivery: WebhookDelivery): Promise<'saved' | 'superseded'> {
    const saved = await updateIf(this.#client, deliveryUpdate(this.#webhooksTable, delivery))
    return saved ? 'saved' : 'superseded'
  }
}

const summaryMembers = Object.keys(DeliverySummary.shape)
/** By placeholders: some names, such as `state`, are reserved words. */
const summaryProjection = {
  ProjectionExpression: summaryMembers.map((name) => `#${name}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(summaryMembers.map((name) => [`#${name}`, name])),
}
