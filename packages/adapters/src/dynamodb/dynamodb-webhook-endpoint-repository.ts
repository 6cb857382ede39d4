import { type DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { Busy } from '@stockroom/domain/busy'
import type { WebhookEndpointId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import { WebhookEndpoint } from '@stockroom/domain/webhook/webhook-endpoint'
import type { WebhookEndpointRepository } from '@stockroom/domain/webhook/webhook-endpoint-repository'
import { endpointKey, endpointsOf } from './keys.ts'
import { putIf } from './put-if.ts'
import { endpointItem } from './webhook-endpoint-item.ts'

/** Each loser lets another win, so this many writers may meet on one endpoint. */
const mostTries = 50

/** Endpoints in the webhooks table. */
export class DynamoDbWebhookEndpointRepository implements WebhookEndpointRepository {
  readonly #client: DynamoDBClient
  readonly #webhooksTable: string

  constructor({
    client,
    webhooksTable,
  }: { readonly client: DynamoDBClient; readonly webhooksTable: string }) {
    this.#client = client
    this.#webhooksTable = webhooksTable
  }

  async find(merchant: MerchantId, id: WebhookEndpointId): Promise<WebhookEndpoint | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#webhooksTable,
        Key: marshall(endpointKey(merchant, id)),
        ConsistentRead: true,
      }),
    )
    return Item && WebhookEndpoint.parse(unmarshall(Item))
  }

  async list(merchant: MerchantId): Promise<readonly WebhookEndpoint[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#webhooksTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: marshall({ ':pk': endpointsOf(merchant) }),
        ConsistentRead: true,
      },
    )
    const endpoints: WebhookEndpoint[] = []
    for await (const { Items = [] } of pages)
      endpoints.push(...Items.map((item) => WebhookEndpoint.parse(unmarshall(item))))
    return endpoints
  }

  async change(
    merchant: MerchantId,
    id: WebhookEndpointId,
    change: (endpoint: WebhookEndpoint) => WebhookEndpoint | undefined,
  ): Promise<WebhookEndpoint | undefined> {
    for (let tries = 0; tries < mostTries; tries++) {
      const current = await this.find(merchant, id)
      const changed = current && change(current)
      if (current === undefined || changed === undefined) return undefined
      const next = { ...changed, revision: current.revision + 1 }
      const written = await putIf(this.#client, {
        TableName: this.#webhooksTable,
        Item: endpointItem(next),
        ConditionExpression: 'revision = :revision',
        ExpressionAttributeValues: marshall({ ':revision': current.revision }),
      })
      if (written) return next
    }
    throw new Busy('The endpoint')
  }
}
