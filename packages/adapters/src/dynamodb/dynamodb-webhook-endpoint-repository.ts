import { type DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { Busy } from '@stockroom/domain/busy'
import type { WebhookEndpointId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import { type EndpointState, WebhookEndpoint } from '@stockroom/domain/webhook/webhook-endpoint'
import type { WebhookEndpointRepository } from '@stockroom/domain/webhook/webhook-endpoint-repository'
import { endpointKey, endpointsOf } from './keys.ts'
import { setAtRevision } from './set-at-revision.ts'
import { updateIf } from './write-if.ts'

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
    change: (state: EndpointState) => EndpointState | undefined,
  ): Promise<WebhookEndpoint | undefined> {
    for (let tries = 0; tries < mostTries; tries++) {
      const current = await this.find(merchant, id)
      const state = current && change(current.state)
      if (current === undefined || state === undefined) return undefined
      const written = await updateIf(this.#client, {
        TableName: this.#webhooksTable,
        Key: marshall(endpointKey(merchant, id)),
        ...setAtRevision(current.revision, { state }),
      })
      if (written) return { ...current, revision: current.revision + 1, state }
    }
    throw new Busy('The endpoint')
  }
}
