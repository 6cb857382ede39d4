import type { QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { ManualClock } from '@stockroom/domain/manual-clock'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { expect, test } from 'vitest'
import { DynamoDbOrderRepository } from './dynamodb-order-repository.ts'
import { scriptedClient } from './scripted-client.ts'

const shop = MerchantId.parse('corner-shop')

test('an order that is paid between the queries of its page stands there once, as it is now', async () => {
  const ids = new CountingIds()
  const id = ids.next('ord')
  const clock = new ManualClock()
  const summary = {
    id,
    total: { amount: 100, currency: 'EUR' },
    placedAt: clock.now().toISOString(),
    lineCount: 1,
  }
  const versions: Readonly<Record<string, number>> = { placed: 1, paid: 2 }
  const client = scriptedClient((_, input) => {
    const key = (input as QueryCommandInput).ExpressionAttributeValues?.[':key']?.S ?? ''
    const status = key.replace(/.*#/, '')
    const version = versions[status]
    return { Items: version === undefined ? [] : [marshall({ ...summary, status, version })] }
  })
  const orders = new DynamoDbOrderRepository({ client, shopTable: 'shop', outboxTable: 'outbox', clock })
  expect(await orders.page(shop, { limit: 10 })).toEqual({
    items: [{ ...summary, status: 'paid', version: 2 }],
  })
  expect(await orders.page(shop, { limit: 1 })).toEqual({
    items: [{ ...summary, status: 'paid', version: 2 }],
  })
})
