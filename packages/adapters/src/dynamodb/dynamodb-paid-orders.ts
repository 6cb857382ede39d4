import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Order, type PaidOrder } from '@stockroom/domain/order/order'
import type { PaidOrders } from '@stockroom/domain/report/paid-orders'
import type { UtcDay } from '@stockroom/domain/report/utc-day'
import { batchGet } from './batch-get.ts'
import { clockSorts } from './clock-sorts.ts'
import { clockShards, orderKey, paidDayShard } from './keys.ts'
import { mergeSorted } from './merge-sorted.ts'
import { readClockSort } from './order-item.ts'

/** Paid orders by the day in their index key; the index holds keys only, so the orders come from the table, a hundred at a time. */
export class DynamoDbPaidOrders implements PaidOrders {
  readonly #client: DynamoDBClient
  readonly #tableName: string

  constructor({ client, shopTable }: { readonly client: DynamoDBClient; readonly shopTable: string }) {
    this.#client = client
    this.#tableName = shopTable
  }

  async *paidOn(day: UtcDay): AsyncGenerator<PaidOrder> {
    const shards = Array.from({ length: clockShards }, (_, shard) =>
      clockSorts(this.#client, this.#tableName, { key: paidDayShard(day, shard) }),
    )
    let chunk: string[] = []
    for await (const clockSort of mergeSorted(shards)) {
      chunk.push(clockSort)
      if (chunk.length < 100) continue
      yield* await this.#read(chunk)
      chunk = []
    }
    yield* await this.#read(chunk)
  }

  /** The orders as they are named, in that order: a batch comes back in any. */
  async #read(named: readonly string[]): Promise<readonly PaidOrder[]> {
    const keys = named.map(readClockSort).map(({ merchant, id }) => orderKey(merchant, id))
    const items = await batchGet(this.#client, this.#tableName, keys)
    const orders = new Map(items.map((item) => [item.pk, Order.parse(item)]))
    return keys.map(({ pk }) => {
      const order = orders.get(pk)
      if (order?.status !== 'paid') throw new Error(`${pk} is indexed as paid, and is ${order?.status}`)
      return order
    })
  }
}
