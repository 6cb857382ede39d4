import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBStreamEvent } from 'aws-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import { type DynamoDbEngine, startDynamoDb } from '../engines/dynamodb.ts'
import type { Invocation } from '../lambda/invocation.ts'
import { ScriptedFunction, succeeded } from './scripted-function.ts'
import { StreamEventSource } from './stream-event-source.ts'

let engine: DynamoDbEngine
let client: DynamoDBClient
beforeAll(async () => {
  engine = await startDynamoDb()
  await engine.createTables([
    {
      logicalId: 'Things',
      tableName: 'things',
      keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      attributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      globalSecondaryIndexes: [],
      localSecondaryIndexes: [],
      streamViewType: 'NEW_AND_OLD_IMAGES',
    },
  ])
  client = new DynamoDBClient(engine.clientConfig)
})
afterAll(async () => {
  client.destroy()
  await engine.close()
})

const put = (pk: string) => client.send(new PutItemCommand({ TableName: 'things', Item: { pk: { S: pk } } }))
const keys = (event: DynamoDBStreamEvent) => event.Records.map((record) => record.dynamodb?.Keys?.pk?.S)

const follow = async (
  startingPosition: string,
  answer: (event: DynamoDBStreamEvent, call: number) => Invocation,
  calls: number,
  write: () => Promise<unknown> = async () => {},
) => {
  const target = new ScriptedFunction<DynamoDBStreamEvent>(answer)
  const stream = engine.stream('things')
  const source = new StreamEventSource(
    { name: 'Mapping', startingPosition, reportsBatchItemFailures: true },
    { stream, function: target, clock: systemClock, observe: () => {} },
  )
  source.start()
  await write()
  await target.called(calls)
  await source.close()
  return target.events.map(keys)
}

test('reads a table’s stream from its horizon and rewinds in it', async () => {
  for (const pk of ['a', 'b', 'c']) await put(pk)
  const batches = await follow(
    'TRIM_HORIZON',
    (event, call) =>
      succeeded(
        call === 1 && {
          batchItemFailures: [{ itemIdentifier: event.Records[1]?.dynamodb?.SequenceNumber }],
        },
      ),
    2,
  )
  expect(batches).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c'],
  ])
})
