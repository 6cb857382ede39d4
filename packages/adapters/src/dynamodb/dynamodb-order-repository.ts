import { type DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Clock } from '@stockroom/domain/clock'
import type { OrderId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import { Order, OrderStatus } from '@stockroom/domain/order/order'
import type { OrderChange, OrderCommit, OrderRepository } from '@stockroom/domain/order/order-repository'
import { OrderSummary } from '@stockroom/domain/order/order-summary'
import type { Page, PageRequest } from '@stockroom/domain/page'
import { seal } from '@stockroom/outbox/envelope'
import { putAnswer } from './answer-item.ts'
import { clockSorts } from './clock-sorts.ts'
import { clockShards, expiryShard, orderKey, ordersByStatus } from './keys.ts'
import { mergeSorted } from './merge-sorted.ts'
import { orderItem, readClockSort } from './order-item.ts'
import { putEnvelope } from './outbox-item.ts'
import { stockMovementUpdate } from './stock-movement-update.ts'
import { transact } from './transact.ts'

/**
 * Orders in the shop table, their events in the outbox table.
 * Next stop of an event: the outbox table's stream, apps/stream-consumer/src/relay-outbox.handler.ts.
 */
export class DynamoDbOrderRepository implements OrderRepository {
  readonly #client: DynamoDBClient
  readonly #shopTable: string
  readonly #outboxTable: string
  readonly #clock: Clock

  constructor({
    client,
    shopTable,
    outboxTable,
    clock,
  }: {
    readonly client: DynamoDBClient
    readonly shopTable: string
    readonly outboxTable: string
    readonly clock: Clock
  }) {
    this.#client = client
    this.#shopTable = shopTable
    this.#outboxTable = outboxTable
    this.#clock = clock
  }

  async find(merchant: MerchantId, id: OrderId): Promise<Order | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#shopTable,
        Key: marshall(orderKey(merchant, id)),
        ConsistentRead: true,
      }),
    )
    return Item && Order.parse(unmarshall(Item))
  }

  async page(
    merchant: MerchantId,
    { limit, after, status }: PageRequest & { readonly status?: OrderStatus },
  ): Promise<Page<OrderSummary>> {
    // One more than asked for, of each status: whichever of them come first, the page is complete and knows whether another follows.
    const newest = async (of: OrderStatus): Promise<OrderSummary[]> => {
      const { Items = [] } = await this.#client.send(
        new QueryCommand({
          TableName: this.#shopTable,
          IndexName: 'orders-by-status',
          KeyConditionExpression:
            after === undefined ? 'statusKey = :key' : 'statusKey = :key AND statusSort < :after',
          ExpressionAttributeValues: marshall(
            { ':key': ordersByStatus(merchant, of), ':after': after },
            { removeUndefinedValues: true },
          ),
          ScanIndexForward: false,
          Limit: limit + 1,
        }),
      )
      return Items.map((item) => OrderSummary.parse(unmarshall(item)))
    }
    const found = await Promise.all((status === undefined ? OrderStatus.options : [status]).map(newest))
    // An order that changed between two of the queries stands in both.
    const latest = new Map(
      found
        .flat()
        .sort((a, b) => a.version - b.version)
        .map((order) => [order.id, order]),
    )
    const newestFirst = [...latest.values()].sort((a, b) => (a.id < b.id ? 1 : -1))
    const items = newestFirst.slice(0, limit)
    const last = items.at(-1)
    return last === undefined || newestFirst.length <= limit ? { items } : { items, next: last.id }
  }

  async commit({ order, stock, event, answer }: OrderChange): Promise<OrderCommit> {
    const { merchant, version } = order
    const reasons = await transact(this.#client, [
      {
        Put: {
          TableName: this.#shopTable,
          Item: orderItem(order),
          ...(version === 1
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: 'version = :before',
                ExpressionAttributeValues: marshall({ ':before': version - 1 }),
              }),
        },
      },
      putEnvelope(this.#outboxTable, seal(merchant, [event], this.#clock.now())),
      ...stock.map((movement) => stockMovementUpdate(this.#shopTable, merchant, movement)),
      ...(answer === undefined ? [] : [putAnswer(this.#shopTable, answer, this.#clock.now())]),
    ])
    if (reasons === undefined) return { outcome: 'committed' }

    // Reasons stand at the indexes of the elements above.
    const [ofOrder, ofEnvelope, ...others] = reasons.map(({ Code }) => Code === 'ConditionalCheckFailed')
    if (others[stock.length]) return { outcome: 'already_answered' }
    if (ofOrder || ofEnvelope) return { outcome: 'version_moved' }
    return {
      outcome: 'stock_refused',
      skus: stock.filter((_, index) => others[index]).map(({ sku }) => sku),
    }
  }

  async *due(now: Date): AsyncGenerator<{ readonly merchant: MerchantId; readonly id: OrderId }> {
    const shards = Array.from({ length: clockShards }, (_, shard) =>
      clockSorts(this.#client, this.#shopTable, { key: expiryShard(shard), before: now.toISOString() }),
    )
    for await (const clockSort of mergeSorted(shards)) yield readClockSort(clockSort)
  }
}
