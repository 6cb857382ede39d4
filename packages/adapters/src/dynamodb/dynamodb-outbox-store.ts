import {
  type AttributeValue,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { Envelope } from '@stockroom/outbox/envelope'
import type { OutboxStore, PendingPage } from '@stockroom/outbox/outbox-store'
import { reasonOf } from '@stockroom/outbox/reason-of'
import { envelopeKey, pendingShard, pendingShards } from './keys.ts'
import { readEnvelope } from './outbox-item.ts'

/** Published envelopes stay readable for a week, so that a dispute about an event can be settled, and then TTL takes them. */
const keptAfterPublishingSeconds = 7 * 24 * 3_600

/** The outbox table: pending envelopes stand in a sparse index of eight shards, so that no poll ever scans. */
export class DynamoDbOutboxStore implements OutboxStore {
  readonly #client: DynamoDBClient
  readonly #tableName: string
  readonly #now: () => Date

  constructor(client: DynamoDBClient, tableName: string, now: () => Date = () => new Date()) {
    this.#client = client
    this.#tableName = tableName
    this.#now = now
  }

  async markPublished({ tenant, aggregate, seq }: Envelope): Promise<void> {
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#tableName,
          Key: marshall(envelopeKey(tenant, aggregate, seq)),
          UpdateExpression: 'SET #ttl = :ttl REMOVE pendingShard',
          // An envelope that TTL took already must not come back as a stump of two attributes.
          ConditionExpression: 'attribute_exists(pendingShard)',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: marshall({
            ':ttl': Math.floor(this.#now().getTime() / 1_000) + keptAfterPublishingSeconds,
          }),
        }),
      )
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error
    }
  }

  async *pending(olderThan: Date): AsyncIterable<PendingPage> {
    for (let shard = 0; shard < pendingShards; shard++) {
      const pages = paginateQuery(
        { client: this.#client, pageSize: 100 },
        {
          TableName: this.#tableName,
          IndexName: 'unpublished',
          KeyConditionExpression: 'pendingShard = :shard AND createdAt < :olderThan',
          ExpressionAttributeValues: marshall({
            ':shard': pendingShard(shard),
            ':olderThan': olderThan.toISOString(),
          }),
        },
      )
      for await (const { Items = [] } of pages) if (Items.length > 0) yield pageOf(Items)
    }
  }

  async pendingOf(tenant: string, aggregate: string): Promise<readonly Envelope[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        FilterExpression: 'attribute_exists(pendingShard)',
        ExpressionAttributeValues: marshall({ ':pk': envelopeKey(tenant, aggregate, 0).pk }),
      },
    )
    const envelopes: Envelope[] = []
    for await (const { Items = [] } of pages) envelopes.push(...Items.map(readEnvelope))
    return envelopes
  }
}

const pageOf = (items: readonly Record<string, AttributeValue>[]): PendingPage => {
  const envelopes: Envelope[] = []
  const unreadable: PendingPage['unreadable'][number][] = []
  for (const item of items) {
    try {
      envelopes.push(readEnvelope(item))
    } catch (error) {
      unreadable.push({ key: `${item.pk?.S} ${item.sk?.S}`, reason: reasonOf(error) })
    }
  }
  return { envelopes, unreadable }
}
