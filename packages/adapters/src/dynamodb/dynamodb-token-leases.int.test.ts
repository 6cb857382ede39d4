import { fileURLToPath } from 'node:url'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { ManualClock } from '@stockroom/domain/manual-clock'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { tokenLeasesContract } from '@stockroom/domain/rate-limit/token-leases-contract'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DynamoDbTokenLeases } from './dynamodb-token-leases.ts'
import { rateLimitKey } from './keys.ts'

let engine: TablesEngine
let client: DynamoDBClient
let calls = 0
const table = () => ({ client, shopTable: engine.tableName('TablesShop') })

beforeAll(async () => {
  engine = await startTables(fileURLToPath(new URL('../../../../infra/cdk.out', import.meta.url)))
  client = new DynamoDBClient(engine.clientConfig)
  client.middlewareStack.add((next) => async (args) => next(args).finally(() => void calls++), {
    step: 'initialize',
  })
})
afterAll(() => engine.close())

let merchants = 0
const merchant = () => MerchantId.parse(`m-${++merchants}`)

tokenLeasesContract(
  'DynamoDbTokenLeases',
  (limit, clock) => new DynamoDbTokenLeases({ ...table(), limit, clock }),
  merchant,
)

test('a busy bucket costs one call a lease, and one that was full a second', async () => {
  const [of, clock] = [merchant(), new ManualClock()]
  const leases = new DynamoDbTokenLeases({ ...table(), limit: { perSecond: 10, burst: 20 }, clock })
  for (const cost of [2, 1, 1]) {
    calls = 0
    await leases.lease(of, 2)
    expect(calls).toBe(cost)
    clock.advance(0.1)
  }
})

test('when the limit is lowered nobody gets a token before the old debt is paid', async () => {
  const [of, clock] = [merchant(), new ManualClock()]
  await new DynamoDbTokenLeases({ ...table(), limit: { perSecond: 1, burst: 60 }, clock }).lease(of, 60)
  const lowered = new DynamoDbTokenLeases({ ...table(), limit: { perSecond: 1, burst: 10 }, clock })
  for (let n = 0; n < 3; n++)
    expect(await lowered.lease(of, 5)).toEqual({ outcome: 'refused', retryAfterMs: 51_000 })
  clock.advance(51)
  expect(await lowered.lease(of, 5)).toEqual({ outcome: 'granted', tokens: 1 })
})

test('the item goes when its bucket is full in any case', async () => {
  const [of, clock] = [merchant(), new ManualClock()]
  await new DynamoDbTokenLeases({ ...table(), limit: { perSecond: 10, burst: 20 }, clock }).lease(of, 20)
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table().shopTable, Key: marshall(rateLimitKey(of)) }),
  )
  expect(unmarshall(Item ?? {})).toMatchObject({
    fullAt: clock.now().getTime() + 2_000,
    ttl: clock.now().getTime() / 1_000 + 2,
  })
})
