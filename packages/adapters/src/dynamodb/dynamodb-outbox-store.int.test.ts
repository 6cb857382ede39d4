import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { anEnvelope } from '@stockroom/outbox/an-envelope'
import type { Envelope } from '@stockroom/outbox/envelope'
import { describeOutboxStore } from '@stockroom/outbox/outbox-store-contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DynamoDbOutboxStore } from './dynamodb-outbox-store.ts'
import { envelopeKey, pendingShard } from './keys.ts'
import { putEnvelope } from './outbox-item.ts'
import { transact } from './transact.ts'

const assembly = new URL('../../../../infra/cdk.out', import.meta.url).pathname
let engine: TablesEngine
let client: DynamoDBClient
let tableName: string

beforeAll(async () => {
  engine = await startTables(assembly)
  client = new DynamoDBClient(engine.clientConfig)
  tableName = engine.tableName('TablesOutbox')
})
afterAll(async () => {
  client.destroy()
  await engine.close()
})

/** Each test is a tenant of its own, for they share the table. */
let tenants = 0
const emptyStore = () => {
  const tenant = `tenant-${++tenants}`
  const theirs = (envelope: Envelope): Envelope => ({ ...envelope, tenant: tenant + envelope.tenant })
  const ours = (envelope: Envelope): Envelope => ({
    ...envelope,
    tenant: envelope.tenant.slice(tenant.length),
  })
  const store = new DynamoDbOutboxStore(client, tableName)
  const mine = (envelopes: readonly Envelope[]) =>
    envelopes.filter((envelope) => envelope.tenant.startsWith(tenant)).map(ours)
  return {
    add: async (envelope: Envelope) => {
      expect(await transact(client, [putEnvelope(tableName, theirs(envelope))])).toBeUndefined()
    },
    store: {
      markPublished: (envelope: Envelope) => store.markPublished(theirs(envelope)),
      async *pending(olderThan: Date) {
        for await (const page of store.pending(olderThan)) yield { ...page, envelopes: mine(page.envelopes) }
      },
      pendingOf: async (of: string, aggregate: string) => mine(await store.pendingOf(tenant + of, aggregate)),
    },
  }
}

describeOutboxStore('DynamoDbOutboxStore', async () => emptyStore())

it('gives an envelope its time to live only when it is published, and makes no stump of one that is gone', async () => {
  const store = new DynamoDbOutboxStore(client, tableName, () => new Date('2026-01-01T00:00:00Z'))
  const envelope = anEnvelope({ tenant: 'ttl' })
  const item = async (aggregate: string) =>
    (
      await client.send(
        new GetItemCommand({ TableName: tableName, Key: marshall(envelopeKey('ttl', aggregate, 1)) }),
      )
    ).Item
  await transact(client, [putEnvelope(tableName, envelope)])
  expect(await item(envelope.aggregate)).not.toHaveProperty('ttl')
  await store.markPublished(envelope)
  expect(await item(envelope.aggregate)).toMatchObject({
    ttl: { N: String(Date.parse('2026-01-08T00:00:00Z') / 1_000) },
  })
  await store.markPublished({ ...envelope, aggregate: 'gone' })
  expect(await item('gone')).toBeUndefined()
})

it('refuses a second envelope of the same version', async () => {
  const envelope = anEnvelope({ tenant: 'twice' })
  await transact(client, [putEnvelope(tableName, envelope)])
  const reasons = await transact(client, [putEnvelope(tableName, envelope)])
  expect(reasons?.map(({ Code }) => Code)).toEqual(['ConditionalCheckFailed'])
})

it('names a row that is no envelope', async () => {
  await client.send(
    new PutItemCommand({
      TableName: tableName,
      Item: marshall({
        pk: 'poison#x',
        sk: '1',
        pendingShard: pendingShard(0),
        createdAt: '2026-01-01T00:00:00.000Z',
        events: '{',
      }),
    }),
  )
  const pages = await Array.fromAsync(
    new DynamoDbOutboxStore(client, tableName).pending(new Date('2026-01-01T00:00:01Z')),
  )
  expect(pages.flatMap(({ unreadable }) => unreadable)).toMatchObject([{ key: 'poison#x 1' }])
})
