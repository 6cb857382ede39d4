import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { aKeyedRequest } from '@stockroom/domain/idempotency/a-keyed-request'
import { ManualClock } from '@stockroom/domain/manual-clock'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { aLine, aPlacedOrder } from '@stockroom/domain/order/a-placed-order'
import { orderChange } from '@stockroom/domain/order/order-change'
import { accepted } from '@stockroom/domain/refusal'
import { expect, test } from 'vitest'
import { DynamoDbOrderRepository } from './dynamodb-order-repository.ts'
import { scriptedClient } from './scripted-client.ts'

const shop = MerchantId.parse('corner-shop')
const clock = new ManualClock()
const ids = new CountingIds()
const order = aPlacedOrder(ids.next('ord'), shop, { lines: ['cake', 'milk', 'tea'].map((sku) => aLine(sku)) })
const answer = { request: aKeyedRequest(shop, 'k'), outcome: accepted(order) }
const change = orderChange({ ids, clock }, { correlationId: 'c' }, order, answer)

/** Commits; DynamoDB says that the conditions at these places of the transaction failed. */
const commitRefusedAt = (...places: readonly number[]) => {
  const client = scriptedClient((_, input) => {
    const items = 'TransactItems' in input ? (input.TransactItems ?? []) : []
    throw new TransactionCanceledException({
      message: 'cancelled',
      $metadata: {},
      CancellationReasons: items.map((_item, place) => ({
        Code: places.includes(place) ? 'ConditionalCheckFailed' : 'None',
      })),
    })
  })
  return new DynamoDbOrderRepository({ client, shopTable: 'shop', outboxTable: 'outbox', clock }).commit(
    change,
  )
}

test.each<[string, number[], object]>([
  ['the order', [0], { outcome: 'version_moved' }],
  ['its envelope', [1], { outcome: 'version_moved' }],
  ['its first sku', [2], { outcome: 'stock_refused', skus: ['cake'] }],
  ['its second sku', [3], { outcome: 'stock_refused', skus: ['milk'] }],
  ['its last sku', [4], { outcome: 'stock_refused', skus: ['tea'] }],
  ['two skus', [2, 4], { outcome: 'stock_refused', skus: ['cake', 'tea'] }],
  ['its answer', [5], { outcome: 'already_answered' }],
  ['everything', [0, 1, 2, 3, 4, 5], { outcome: 'already_answered' }],
  ['order and stock', [0, 2], { outcome: 'version_moved' }],
])('a condition that fails on %s is told as what it is', async (_, places, outcome) => {
  expect(await commitRefusedAt(...places)).toEqual(outcome)
})
