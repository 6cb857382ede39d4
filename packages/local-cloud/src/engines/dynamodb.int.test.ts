import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StreamPosition } from '../events/stream-source.ts'
import { startChildGuard } from '../lambda/child-guard.ts'
import type { TableResource } from '../template/table.ts'
import { type DynamoDbEngine, startDynamoDb } from './dynamodb.ts'
import { findDynamoDbBinary } from './dynamodb-binary.ts'
import { startDynamoDbProcess } from './dynamodb-process.ts'

const table = (overrides: Partial<TableResource> = {}): TableResource => ({
  logicalId: 'Things',
  tableName: 'things',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'bySize', AttributeType: 'N' },
  ],
  globalSecondaryIndexes: [
    {
      IndexName: 'bySize',
      KeySchema: [
        { AttributeName: 'bySize', KeyType: 'HASH' },
        { AttributeName: 'pk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['colour'] },
    },
  ],
  localSecondaryIndexes: [],
  streamViewType: 'NEW_AND_OLD_IMAGES',
  timeToLiveAttribute: 'expires',
  ...overrides,
})

const put = (client: DynamoDBClient, pk: string, rest: Record<string, { S: string } | { N: string }> = {}) =>
  client.send(new PutItemCommand({ TableName: 'things', Item: { pk: { S: pk }, sk: { S: 'a' }, ...rest } }))

describe('a DynamoDB engine', () => {
  let engine: DynamoDbEngine
  let client: DynamoDBClient

  beforeAll(async () => {
    engine = await startDynamoDb()
    await engine.createTables([table()])
    client = new DynamoDBClient(engine.clientConfig)
  })
  afterAll(async () => {
    client.destroy()
    await engine.close()
  })

  const readAll = async (from: StreamPosition, pageSize = 1000) => {
    const stream = engine.stream('things')
    const [shard] = await stream.shards()
    if (shard === undefined) throw new Error('no shard')
    const records = []
    let position: StreamPosition | undefined = from
    while (position !== undefined) {
      const page: Awaited<ReturnType<typeof stream.read>> = await stream.read(
        shard.shardId,
        position,
        pageSize,
      )
      records.push(...page.records)
      if (page.records.length === 0) return { records, position: page.next }
      position = page.next
    }
    return { records, position }
  }

  it('holds the tables as they were declared', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'things' }))

    expect(Table?.GlobalSecondaryIndexes?.[0]?.Projection).toEqual({
      ProjectionType: 'INCLUDE',
      NonKeyAttributes: ['colour'],
    })
    expect(Table?.StreamSpecification?.StreamViewType).toBe('NEW_AND_OLD_IMAGES')
  })

  it('tells changes as Lambda delivers them', async () => {
    const { position } = await readAll('LATEST')
    await put(client, 'lambda', { colour: { S: 'red' } })
    await client.send(
      new DeleteItemCommand({ TableName: 'things', Key: { pk: { S: 'lambda' }, sk: { S: 'a' } } }),
    )

    const { records } = await readAll(position ?? 'TRIM_HORIZON')

    expect(records).toEqual([
      {
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'eu-west-1',
        dynamodb: {
          ApproximateCreationDateTime: expect.any(Number),
          Keys: { pk: { S: 'lambda' }, sk: { S: 'a' } },
          NewImage: { pk: { S: 'lambda' }, sk: { S: 'a' }, colour: { S: 'red' } },
          SequenceNumber: expect.stringMatching(/^\d{21}$/),
          SizeBytes: expect.any(Number),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: expect.stringMatching(
          /^arn:aws:dynamodb:eu-west-1:000000000000:table\/things\/stream\//,
        ),
      },
      expect.objectContaining({ eventName: 'REMOVE' }),
    ])
  })

  it('reads a stream on from any position, in pages, without a gap or a repetition', async () => {
    const { position } = await readAll('LATEST')
    for (let n = 0; n < 25; n += 1) await put(client, `page-${n}`)

    const { records } = await readAll(position ?? 'TRIM_HORIZON', 10)
    const tenth = records[9]?.dynamodb?.SequenceNumber ?? ''
    const afterTenth = await readAll({ after: tenth }, 7)

    expect(records.map((record) => record.dynamodb?.Keys?.pk?.S)).toEqual(
      Array.from({ length: 25 }, (_, n) => `page-${n}`),
    )
    expect(afterTenth.records).toEqual(records.slice(10))
  })

  it('starts at LATEST with what is written after the first read', async () => {
    await put(client, 'before')
    const { records, position } = await readAll('LATEST')
    await put(client, 'after')

    expect(records).toEqual([])
    expect((await readAll(position ?? 'TRIM_HORIZON')).records).toHaveLength(1)
  })

  it('deletes expired items on request, as a REMOVE of the service itself', async () => {
    await put(client, 'expired', { expires: { N: '1000000000' } })
    await put(client, 'lasting', { expires: { N: '9000000000' } })
    const { position } = await readAll('LATEST')

    expect(await engine.sweepTimeToLive()).toBe(1)

    const { records } = await readAll(position ?? 'TRIM_HORIZON')
    expect(records).toMatchObject([
      {
        eventName: 'REMOVE',
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
        dynamodb: { OldImage: { pk: { S: 'expired' } } },
      },
    ])
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'lasting' }, sk: { S: 'a' } } }),
    )
    expect(Item).toBeDefined()
  })

  it('forgets old stream records and goes on counting where it was', async () => {
    await put(client, 'old')
    const before = (await readAll('TRIM_HORIZON')).records
    const trimmed = await engine.trimStreams(Date.now() + 60_000)
    const kept = (await readAll('TRIM_HORIZON')).records
    await put(client, 'new')
    const after = (await readAll('TRIM_HORIZON')).records

    expect(trimmed).toBe(before.length - 1)
    expect(kept).toEqual(before.slice(-1))
    expect(after).toHaveLength(2)
    expect(BigInt(after[1]?.dynamodb?.SequenceNumber ?? 0)).toBe(
      BigInt(before.at(-1)?.dynamodb?.SequenceNumber ?? 0) + 1n,
    )
  })

  it('keeps stream records that are young enough', async () => {
    await put(client, 'young')

    expect(await engine.trimStreams(Date.now() - 60_000)).toBe(0)
  })

  it('writes on while streams are trimmed and expired items swept', async () => {
    const writes = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 40; n += 1) {
        await client.send(
          new TransactWriteItemsCommand({
            TransactItems: ['x', 'y'].map((sk) => ({
              Put: {
                TableName: 'things',
                Item: { pk: { S: `busy-${writer}-${n}` }, sk: { S: sk }, expires: { N: '1000000000' } },
              },
            })),
          }),
        )
      }
    })
    let writing = true
    const maintenance = (async () => {
      while (writing) {
        await engine.trimStreams(Date.now())
        await engine.sweepTimeToLive()
      }
    })()

    const results = await Promise.allSettled(writes)
    writing = false
    await maintenance
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
  })
})

describe('a data directory', () => {
  const directory = mkdtempSync(join(tmpdir(), 'local-cloud-test-'))
  afterAll(() => rmSync(directory, { recursive: true }))

  it('keeps tables and items over a restart and refuses another definition', async () => {
    const first = await startDynamoDb({ dataDirectory: directory })
    await first.createTables([table()])
    const client = new DynamoDBClient(first.clientConfig)
    await put(client, 'kept')
    client.destroy()
    await first.close()

    const second = await startDynamoDb({ dataDirectory: directory })
    try {
      await second.createTables([table()])
      const again = new DynamoDBClient(second.clientConfig)
      const { Item } = await again.send(
        new GetItemCommand({ TableName: 'things', Key: { pk: { S: 'kept' }, sk: { S: 'a' } } }),
      )
      again.destroy()
      expect(Item).toBeDefined()
      await expect(second.createTables([table({ streamViewType: 'KEYS_ONLY' })])).rejects.toThrow(
        'Table things exists with another definition than Things of the template',
      )
    } finally {
      await second.close()
    }
  })
})

describe('the owner of an engine', () => {
  it('takes it along when it is killed', async () => {
    const owner = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { startDynamoDb } from ${JSON.stringify(new URL('./dynamodb.ts', import.meta.url).href)}
         const engine = await startDynamoDb()
         console.log(engine.endpoint)
         await engine.failed`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string]
    expect((await fetch(line)).ok).toBe(true)

    owner.kill('SIGKILL')
    await once(owner, 'exit')

    // The guard notices the closed pipe on its own time: ask until nobody listens. The test's timeout is the bound.
    const listening = () =>
      fetch(line).then(
        () => true,
        () => false,
      )
    while (await listening()) await new Promise(setImmediate)
    expect(await listening()).toBe(false)
  })
})

it('tells when the engine ends by itself', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'local-cloud-test-'))
  const guard = startChildGuard()
  const engine = await startDynamoDbProcess(
    findDynamoDbBinary() ?? '',
    join(directory, 'dynamodb.sqlite'),
    guard,
  )

  process.kill(engine.pid, 'SIGKILL')

  await expect(engine.failed).rejects.toThrow('The DynamoDB engine ended (SIGKILL)')
  await guard.close()
  rmSync(directory, { recursive: true })
})

it('says in the words of the engine why it cannot start', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'local-cloud-test-'))
  writeFileSync(join(directory, 'dynamodb.sqlite'), 'something else')

  await expect(startDynamoDb({ dataDirectory: directory })).rejects.toThrow('not a valid SQLite database')
  rmSync(directory, { recursive: true })
})

describe('a foreign endpoint', () => {
  it('is used as it is', async () => {
    const engine = await startDynamoDb()
    try {
      const foreign = await startDynamoDb({ endpoint: engine.endpoint })
      await foreign.createTables([table()])
      await foreign.close()
      expect((await fetch(engine.endpoint)).ok).toBe(true)
    } finally {
      await engine.close()
    }
  })

  it('is refused when it is AWS itself', async () => {
    await expect(startDynamoDb({ endpoint: 'https://dynamodb.eu-west-1.amazonaws.com' })).rejects.toThrow(
      'creates no tables there',
    )
  })
})
