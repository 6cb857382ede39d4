import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { type DynamoDbEngine, startDynamoDb } from '@stockroom/local-cloud/engines/dynamodb'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { type EffectRequest, type IdempotentEffect, makeIdempotentEffect } from './idempotent-effect.ts'
import { beginInvocation } from './invocation.ts'
import { invocationOf } from './invocation-of.ts'

const Form = z.object({ url: z.string(), note: z.optional(z.string()) })

let engine: DynamoDbEngine
let client: DynamoDBClient
let once: IdempotentEffect
let performed: number
let tests = 0

beforeAll(async () => {
  engine = await startDynamoDb()
  await engine.createTables([
    {
      logicalId: 'Idempotency',
      tableName: 'idempotency',
      keySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      attributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      globalSecondaryIndexes: [],
      localSecondaryIndexes: [],
      timeToLiveAttribute: 'expiration',
    },
  ])
  client = new DynamoDBClient(engine.clientConfig)
  once = makeIdempotentEffect(client, 'idempotency')
})
afterAll(async () => {
  client.destroy()
  await engine.close()
})
beforeEach(() => {
  performed = 0
  tests++
  beginInvocation(invocationOf('1'))
})

const aRequest = (over: Partial<EffectRequest> = {}): EffectRequest => ({
  merchant: 'acme',
  principal: 'client-1',
  route: 'POST /uploads',
  key: `key-${tests}`,
  fingerprint: 'f-1',
  ...over,
})
const issue = async () => ({ url: `https://bucket.example/${++performed}`, note: undefined })
const items = async () => (await client.send(new ScanCommand({ TableName: 'idempotency' }))).Items ?? []

test('performs an effect once and gives its result again', async () => {
  const first = await once(aRequest(), Form, issue)
  const again = await once(aRequest(), Form, issue)
  expect(first).toEqual({ outcome: 'performed', result: { url: 'https://bucket.example/1' } })
  expect(again).toEqual({ outcome: 'replayed', result: { url: 'https://bucket.example/1' } })
})

test('refuses the key for another request', async () => {
  await once(aRequest(), Form, issue)
  expect(await once(aRequest({ fingerprint: 'f-2' }), Form, issue)).toEqual({ outcome: 'key_reused' })
})

test.each([{ merchant: 'other' }, { principal: 'client-2' }, { route: 'POST /webhook-endpoints' }])(
  'keeps the same key apart for %j',
  async (over) => {
    await once(aRequest(), Form, issue)
    const { outcome } = await once(aRequest({ ...over, fingerprint: 'f-2' }), Form, issue)
    expect(outcome).toBe('performed')
  },
)

test('takes no two requests for one because of where their names end', async () => {
  await once(aRequest({ merchant: 'a', principal: 'b","c' }), Form, issue)
  expect((await once(aRequest({ merchant: 'a","b', principal: 'c' }), Form, issue)).outcome).toBe('performed')
})

test('says that the same request is running', async () => {
  const finish = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const running = once(aRequest(), Form, async () => {
    started.resolve()
    await finish.promise
    return issue()
  })
  await started.promise
  expect(await once(aRequest(), Form, issue)).toEqual({ outcome: 'in_progress' })
  finish.resolve()
  expect((await running).outcome).toBe('performed')
})

test('locks no longer than the invocation can last', async () => {
  const before = await items()
  const locked = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const running = once(aRequest(), Form, async () => {
    locked.resolve()
    await finish.promise
    return issue()
  })
  await locked.promise
  const known = new Set(before.map(({ id }) => id?.S))
  const [lock] = (await items()).filter(({ id }) => !known.has(id?.S))
  expect(Number(lock?.in_progress_expiration?.N)).toBeLessThanOrEqual(Date.now() + 10_000)
  finish.resolve()
  await running
})

test('an effect that failed may be tried again', async () => {
  await expect(once(aRequest(), Form, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect((await once(aRequest(), Form, issue)).outcome).toBe('performed')
})

test.each(['PutItemCommand', 'UpdateItemCommand'])(
  'a store that fails at %s fails the request as it failed',
  async (command) => {
    const failure = new Error('The store is busy')
    const failing = new DynamoDBClient(engine.clientConfig)
    failing.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === command) throw failure
          return next(args)
        },
      { step: 'initialize' },
    )
    await expect(makeIdempotentEffect(failing, 'idempotency')(aRequest(), Form, issue)).rejects.toBe(failure)
    failing.destroy()
  },
)
