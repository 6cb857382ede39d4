import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb'
import { Busy } from '@stockroom/domain/busy'
import { expect, test } from 'vitest'
import { batchGet } from './batch-get.ts'
import { scriptedClient } from './scripted-client.ts'

const keys = Array.from({ length: 130 }, (_, i) => ({ pk: 'p', sk: String(i) }))
const budget = () => {
  let now = 0
  const pause = async (milliseconds: number) => {
    now += milliseconds
  }
  return { milliseconds: 1_000, now: () => now, random: () => 1, pause }
}
const wanted = (input: object) =>
  new BatchGetItemCommand({ RequestItems: {}, ...input }).input.RequestItems?.t?.Keys ?? []

test('keys that were left unprocessed are asked for again until all are read', async () => {
  const asked: number[] = []
  const client = scriptedClient((_, input) => {
    const now = wanted(input)
    asked.push(now.length)
    return { Responses: { t: now.slice(0, 40) }, UnprocessedKeys: { t: { Keys: now.slice(40) } } }
  })
  expect(await batchGet(client, 't', keys, budget())).toEqual(keys)
  expect(asked).toEqual([100, 60, 20, 30])
})

test('when they stay unprocessed the caller is told to come back', async () => {
  const client = scriptedClient((_, input) => ({ UnprocessedKeys: { t: { Keys: wanted(input) } } }))
  await expect(batchGet(client, 't', keys, budget())).rejects.toThrow(Busy)
})
