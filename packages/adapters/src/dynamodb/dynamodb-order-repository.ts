import {
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Clock } from '@stockroom/domain/clock'
import type { OrderId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { StockProgress } from '@stockroom/domain/order/long-order'
import { Order, OrderStatus } from '@stockroom/domain/order/order'
import type {
  OrderChange,
  OrderCommit,
  OrderRepository,
  ReservationEnd,
  StockStep,
  StockStepOutcome,
} from '@stockroom/domain/order/order-repository'
import { OrderSummary } from '@stockroom/domain/order/order-summary'
import { Reservation } from '@stockroom/domain/order/reservation'
import type { Page, PageRequest } from '@stockroom/domain/page'
import { seal } from '@stockroom/outbox/envelope'
import { putAnswer, putBegun, replaceBegun } from './answer-item.ts'
import { clockSorts } from './clock-sorts.ts'
import {
  clockShards,
  expiryShard,
  orderKey,
  ordersByStatus,
  reservationKey,
  stockProgressKey,
} from './keys.ts'
import { mergeSorted } from './merge-sorted.ts'
import { orderItem, readClockSort } from './order-item.ts'
import { putEnvelope } from './outbox-item.ts'
import { stockMovementUpdate } from './stock-movement-update.ts'
import { deleteProgress, moveProgress, putProgress, readProgress } from './stock-progress-item.ts'
import { transact } from './transact.ts'

/**
 * Orders in the shop table, their events in the outbox table.
 * Next stop of an event: the outbox table's stream, apps/stream-consumer/src/relay-outbox-function.ts.
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
    const item = await this.#get(orderKey(merchant, id))
    return item && Order.parse(unmarshall(item))
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

  async commit({ order, stock, follows, event, answer }: OrderChange): Promise<OrderCommit> {
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
      ...(follows === undefined
        ? []
        : [putProgress(this.#shopTable, order, follows.progress, follows.dueAt.toISOString())]),
    ])
    if (reasons === undefined) return { outcome: 'committed' }

    // Reasons stand at the indexes of the elements above.
    const [ofOrder, ofEnvelope, ...others] = reasons.map(failed)
    if (others[stock.length]) return { outcome: 'already_answered' }
    if (ofOrder || ofEnvelope) return { outcome: 'version_moved' }
    return {
      outcome: 'stock_refused',
      skus: stock.filter((_, index) => others[index]).map(({ sku }) => sku),
    }
  }

  async begin(reservation: Reservation): Promise<'begun' | 'already_answered'> {
    const { order, request } = reservation
    const reasons = await transact(this.#client, [
      putBegun(this.#shopTable, request, order.id, this.#clock.now()),
      putProgress(this.#shopTable, order, { kind: 'reserve', reserved: 0 }, order.expiresAt),
      {
        Put: {
          TableName: this.#shopTable,
          Item: marshall({ ...reservation, ...reservationKey(order.merchant, order.id) }),
        },
      },
    ])
    // The only condition among them.
    return reasons === undefined ? 'begun' : 'already_answered'
  }

  async findReservation(merchant: MerchantId, id: OrderId): Promise<Reservation | undefined> {
    const item = await this.#get(reservationKey(merchant, id))
    return item && Reservation.parse(unmarshall(item))
  }

  async findProgress(merchant: MerchantId, id: OrderId): Promise<StockProgress | undefined> {
    const item = await this.#get(stockProgressKey(merchant, id))
    return item && readProgress(item)
  }

  async moveStock(step: StockStep): Promise<StockStepOutcome> {
    const { merchant, id, from, to, stock } = step
    const isLast = to.reserved === 0 && to.kind !== 'reserve'
    const reasons = await transact(this.#client, [
      isLast
        ? deleteProgress(this.#shopTable, step, from)
        : moveProgress(this.#shopTable, step, { from, to }),
      ...stock.map((movement) => stockMovementUpdate(this.#shopTable, merchant, movement)),
      ...(isLast && to.kind === 'undo' ? [this.#deleteReservation(merchant, id)] : []),
    ])
    if (reasons === undefined) return { outcome: 'moved' }

    // Reasons stand at the indexes of the elements above.
    const [ofProgress, ...ofStock] = reasons
    if (ofProgress !== undefined && failed(ofProgress)) return { outcome: 'overtaken' }
    const available = new Map(
      stock.flatMap(({ sku }, index) => {
        const reason = ofStock[index]
        return reason !== undefined && failed(reason) ? [[sku, availableIn(reason)]] : []
      }),
    )
    return { outcome: 'stock_refused', available }
  }

  async place({ order, event, answer }: Parameters<OrderRepository['place']>[0]) {
    const { merchant, id, lines } = order
    const reasons = await transact(this.#client, [
      deleteProgress(this.#shopTable, order, { kind: 'reserve', reserved: lines.length }),
      { Put: { TableName: this.#shopTable, Item: orderItem(order) } },
      putEnvelope(this.#outboxTable, seal(merchant, [event], this.#clock.now())),
      replaceBegun(this.#shopTable, answer, this.#clock.now()),
      this.#deleteReservation(merchant, id),
    ])
    return reasons === undefined ? 'placed' : overtaken(id, reasons)
  }

  async refuse({ id, reserved, answer, dueAt }: ReservationEnd): Promise<'refused' | 'overtaken'> {
    const { merchant } = answer.request
    const from = { kind: 'reserve', reserved } as const
    const reasons = await transact(this.#client, [
      ...(reserved === 0
        ? [deleteProgress(this.#shopTable, { merchant, id }, from), this.#deleteReservation(merchant, id)]
        : [
            moveProgress(
              this.#shopTable,
              { merchant, id },
              { from, to: { kind: 'undo', reserved }, dueAt: dueAt.toISOString() },
            ),
          ]),
      replaceBegun(this.#shopTable, answer, this.#clock.now()),
    ])
    return reasons === undefined ? 'refused' : overtaken(id, reasons)
  }

  async *due(now: Date): AsyncGenerator<{ readonly merchant: MerchantId; readonly id: OrderId }> {
    const shards = Array.from({ length: clockShards }, (_, shard) =>
      clockSorts(this.#client, this.#shopTable, { key: expiryShard(shard), before: now.toISOString() }),
    )
    for await (const clockSort of mergeSorted(shards)) yield readClockSort(clockSort)
  }

  #deleteReservation(merchant: MerchantId, id: OrderId): TransactWriteItem {
    return { Delete: { TableName: this.#shopTable, Key: marshall(reservationKey(merchant, id)) } }
  }

  async #get(key: { readonly pk: string; readonly sk: string }) {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#shopTable, Key: marshall(key), ConsistentRead: true }),
    )
    return Item
  }
}

const failed = ({ Code }: CancellationReason): boolean => Code === 'ConditionalCheckFailed'

/** The units of a sku that refused; 0 of one that is unknown. */
const availableIn = ({ Item }: CancellationReason): number =>
  Item === undefined ? 0 : Number(unmarshall(Item).available)

/** The progress comes first in each transaction. Without it no other condition can fail. */
const overtaken = (id: OrderId, [ofProgress]: readonly CancellationReason[]): 'overtaken' => {
  if (ofProgress === undefined || !failed(ofProgress))
    throw new Error(`${id}: another condition failed than that of its progress`)
  return 'overtaken'
}
