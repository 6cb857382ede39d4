import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { afterEach, expect, test } from 'vitest'
import type { Invocation } from '../lambda/invocation.ts'
import { ManualClock } from '../manual-clock.ts'
import { InMemoryCheckpointStore } from './checkpoint-store.ts'
import type { EventSourceFact } from './event-source-observer.ts'
import { InMemoryStream } from './in-memory-stream.ts'
import { failed, ScriptedFunction, succeeded, throttled } from './scripted-function.ts'
import {
  StreamEventSource,
  type StreamEventSourceConfig,
  type StreamEventSourceDependencies,
} from './stream-event-source.ts'
import type { StreamFailure } from './stream-failure.ts'

const hour = 3_600_000
const sources: StreamEventSource[] = []
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()))
})

const record = (sequence: number, clock: ManualClock, item = `item-${sequence}`): DynamoDBRecord => ({
  eventID: `event-${sequence}`,
  eventName: 'INSERT',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'eu-west-1',
  dynamodb: {
    ApproximateCreationDateTime: Math.floor(clock.now() / 1_000),
    Keys: { pk: { S: item } },
    NewImage: { pk: { S: item }, n: { N: String(sequence) } },
    SequenceNumber: String(sequence),
    SizeBytes: 10,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
})

const numbers = (records: readonly DynamoDBRecord[]) => records.map((r) => Number(r.dynamodb?.SequenceNumber))
const batchItemFailures = (...sequence: (number | string)[]) =>
  succeeded({ batchItemFailures: sequence.map((n) => ({ itemIdentifier: String(n) })) })

/** A stream with one shard of `count` records and a mapping that starts at its horizon. */
const scenario = (
  answer: (batch: number[], call: number) => Invocation | Promise<Invocation>,
  config: Partial<StreamEventSourceConfig> = {},
  { count = 4, ...dependencies }: { count?: number } & Partial<StreamEventSourceDependencies> = {},
) => {
  const clock = new ManualClock()
  const stream = new InMemoryStream()
  stream.open('shard-1')
  stream.append('shard-1', ...Array.from({ length: count }, (_, i) => record(i + 1, clock)))
  const target = new ScriptedFunction<DynamoDBStreamEvent>((event, call) =>
    answer(numbers(event.Records), call),
  )
  const facts: EventSourceFact[] = []
  const failures: StreamFailure[] = []
  const start = () => {
    const source = new StreamEventSource(
      {
        name: 'Mapping',
        startingPosition: 'TRIM_HORIZON',
        reportsBatchItemFailures: true,
        idlePollMs: 1_000,
        ...config,
      },
      {
        stream,
        clock,
        function: target,
        observe: (fact) => facts.push(fact),
        onFailure: { accept: async (failure) => void failures.push(failure) },
        ...dependencies,
      },
    )
    sources.push(source)
    source.start()
    return source
  }
  const batches = () => target.events.map((event) => numbers(event.Records))
  const gaveUp = () => failures.map((f) => [f.condition, numbers(f.records), f.invocations])
  return { clock, stream, target, facts, failures, start, batches, gaveUp }
}

test('delivers the records of a shard in order and in batches', async () => {
  const s = scenario(() => succeeded(), { batchSize: 3 })
  s.start()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([[1, 2, 3], [4]])
})

test('rewinds to the lowest reported record and delivers everything from it again, successes included', async () => {
  const s = scenario((_, call) => (call === 1 ? batchItemFailures(4, 2) : succeeded()))
  s.start()
  await s.clock.advance(1_000)
  expect(s.batches()).toEqual([
    [1, 2, 3, 4],
    [2, 3, 4],
  ])
})

test.each<[string, unknown]>([
  ['null', null],
  ['an empty object', {}],
  ['a null list', { batchItemFailures: null }],
  ['an empty list', { batchItemFailures: [] }],
])('takes %s for success', async (_, payload) => {
  const s = scenario(() => succeeded(payload))
  s.start()
  await s.clock.advance(hour)
  expect(s.batches()).toEqual([[1, 2, 3, 4]])
})

test.each<[string, Invocation]>([
  ['an empty identifier', batchItemFailures('')],
  ['an unknown identifier', batchItemFailures(4, 99)],
  ['a null identifier', succeeded({ batchItemFailures: [{ itemIdentifier: null }] })],
  ['another key name', succeeded({ batchItemFailures: [{ id: '2' }] })],
  ['a list of another shape', succeeded({ batchItemFailures: 'all' })],
  ['an answer that is no object', succeeded('ok')],
  ['an error', failed()],
])('delivers the whole batch again after %s', async (_, answer) => {
  const s = scenario((_batch, call) => (call === 1 ? answer : succeeded()))
  s.start()
  await s.clock.advance(1_000)
  expect(s.batches()).toEqual([
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ])
})

test('ignores the answer without ReportBatchItemFailures', async () => {
  const s = scenario(() => batchItemFailures(2), { reportsBatchItemFailures: false })
  s.start()
  await s.clock.advance(hour)
  expect(s.batches()).toEqual([[1, 2, 3, 4]])
})

test('never passes a failed record: the next batch waits until it succeeds', async () => {
  const s = scenario((_, call) => (call < 6 ? failed() : succeeded()), { batchSize: 2 })
  s.start()
  await s.clock.advance(1_000)
  expect(s.batches().every((batch) => batch[0] === 1)).toBe(true)
  await s.clock.advance(10_000)
  expect(s.batches().at(-1)).toEqual([3, 4])
})

test('waits longer after every failure', async () => {
  const calls: number[] = []
  const s = scenario(() => {
    calls.push(s.clock.now())
    return failed()
  })
  const begin = s.clock.now()
  s.start()
  await s.clock.advance(2_000)
  expect(calls.map((at) => at - begin)).toEqual([0, 100, 300, 700, 1_500])
})

test('gives up after MaximumRetryAttempts, tells the destination, and goes on', async () => {
  const s = scenario((batch) => (batch.includes(1) ? failed() : succeeded()), {
    maximumRetryAttempts: 2,
    batchSize: 2,
  })
  s.start()
  await s.clock.advance(1_000)
  expect(s.batches()).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
    [3, 4],
  ])
  expect(s.gaveUp()).toEqual([['RetryAttemptsExhausted', [1, 2], 3]])
  expect(s.facts).toContainEqual({ kind: 'discarded', records: 2, condition: 'RetryAttemptsExhausted' })
})

test('gives up only the records from the checkpoint on', async () => {
  const s = scenario(() => batchItemFailures(3), { maximumRetryAttempts: 0 })
  s.start()
  await s.clock.advance(0)
  expect(s.gaveUp()).toEqual([['RetryAttemptsExhausted', [3, 4], 1]])
})

test('gives up records that are older than MaximumRecordAgeInSeconds', async () => {
  const s = scenario(() => failed(), { maximumRecordAgeInSeconds: 60 })
  s.start()
  await s.clock.advance(59_000)
  expect(s.gaveUp()).toEqual([])
  await s.clock.advance(31_000)
  expect(s.gaveUp()).toMatchObject([['MaximumRecordAgeExceeded', [1, 2, 3, 4], expect.any(Number)]])
})

test('bisecting isolates one bad record, and splitting does not consume the retry quota', async () => {
  const s = scenario((batch) => (batch.includes(2) ? failed() : succeeded()), {
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 1,
  })
  s.start()
  await s.clock.advance(1_000)
  expect(s.batches()).toEqual([[1, 2, 3, 4], [1, 2], [1], [2], [2], [3, 4]])
  expect(s.gaveUp()).toEqual([['RetryAttemptsExhausted', [2], 4]])
})

test('bisecting splits at the reported record, and the split is no retry', async () => {
  const s = scenario((batch) => (batch.includes(3) ? batchItemFailures(3) : succeeded()), {
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 1,
  })
  s.start()
  await s.clock.advance(1_000)
  expect(s.batches()).toEqual([
    [1, 2, 3, 4],
    [3, 4],
    [3, 4],
  ])
  expect(s.gaveUp()).toEqual([['RetryAttemptsExhausted', [3, 4], 3]])
})

test('throttling does not consume the retry quota', async () => {
  const s = scenario((_, call) => (call <= 3 ? throttled : failed()), { maximumRetryAttempts: 1 })
  s.start()
  await s.clock.advance(10_000)
  expect(s.batches()).toHaveLength(5)
  expect(s.gaveUp()).toEqual([['RetryAttemptsExhausted', [1, 2, 3, 4], 2]])
})

test('a destination that fails is reported and the shard goes on', async () => {
  const s = scenario(
    (batch) => (batch.includes(1) ? failed() : succeeded()),
    { maximumRetryAttempts: 0, batchSize: 2 },
    { onFailure: { accept: () => Promise.reject(new Error('no such bucket')) } },
  )
  s.start()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(s.facts).toContainEqual(
    expect.objectContaining({ kind: 'trouble', doing: 'send to the on-failure destination' }),
  )
})

test('filtered records never reach the function', async () => {
  const s = scenario(() => succeeded(), {
    filterCriteria: [JSON.stringify({ dynamodb: { NewImage: { n: { N: ['2', '4'] } } } })],
  })
  s.start()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([[2, 4]])
  expect(s.facts).toContainEqual({ kind: 'filtered', records: 2 })
})

test('LATEST leaves out what was there before the mapping', async () => {
  const s = scenario(() => succeeded(), { startingPosition: 'LATEST' })
  const source = s.start()
  await s.clock.advance(0)
  s.stream.append('shard-1', record(5, s.clock))
  source.wake()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([[5]])
})

test('wake() spares the wait for the next poll', async () => {
  const s = scenario(() => succeeded(), {}, { count: 0 })
  const source = s.start()
  await s.clock.advance(0)
  s.stream.append('shard-1', record(1, s.clock))
  await s.clock.advance(0)
  expect(s.batches()).toEqual([])
  source.wake()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([[1]])
  s.stream.append('shard-1', record(2, s.clock))
  await s.clock.advance(1_000)
  expect(s.batches()).toEqual([[1], [2]])
})

test('wake() is not lost while an empty page is on its way', async () => {
  const s = scenario(() => succeeded(), {}, { count: 0 })
  const answered = Promise.withResolvers<void>()
  const read = s.stream.read.bind(s.stream)
  s.stream.read = async (...request) => {
    const page = await read(...request)
    await answered.promise
    return page
  }
  const source = s.start()
  await s.clock.advance(0)
  s.stream.append('shard-1', record(1, s.clock))
  source.wake()
  answered.resolve()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([[1]])
})

test('collects until the window closes or the batch is full', async () => {
  const s = scenario(() => succeeded(), { maximumBatchingWindowInSeconds: 5, batchSize: 3 }, { count: 1 })
  const source = s.start()
  await s.clock.advance(4_000)
  expect(s.batches()).toEqual([])
  s.stream.append('shard-1', record(2, s.clock))
  await s.clock.advance(1_000)
  expect(s.batches()).toEqual([[1, 2]])
  s.stream.append('shard-1', record(3, s.clock), record(4, s.clock), record(5, s.clock))
  source.wake()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([
    [1, 2],
    [3, 4, 5],
  ])
})

test('a child shard is not read before its parent has ended', async () => {
  const gate = Promise.withResolvers<Invocation>()
  const s = scenario((batch) => (batch.includes(4) ? gate.promise : succeeded()), { batchSize: 2 })
  s.stream.closeShard('shard-1')
  s.stream.open('shard-2', 'shard-1')
  s.stream.append('shard-2', record(11, s.clock))
  s.start()
  await s.clock.advance(10_000)
  expect(s.batches()).toEqual([
    [1, 2],
    [3, 4],
  ])
  gate.resolve(succeeded())
  await s.clock.advance(0)
  expect(s.batches().at(-1)).toEqual([11])
})

test('a child that appears after LATEST was taken is read from its beginning', async () => {
  const s = scenario(() => succeeded(), { startingPosition: 'LATEST' })
  s.start()
  await s.clock.advance(0)
  s.stream.append('shard-1', record(5, s.clock))
  s.stream.open('shard-2', 'shard-1')
  s.stream.append('shard-2', record(6, s.clock))
  s.stream.closeShard('shard-1')
  await s.clock.advance(2_000)
  expect(s.batches()).toEqual([[5], [6]])
})

test('shards without a common parent run at once', async () => {
  const never = Promise.withResolvers<Invocation>()
  const s = scenario((batch) => (batch.includes(1) ? never.promise : succeeded()))
  s.stream.open('shard-2')
  s.stream.append('shard-2', record(11, s.clock))
  s.start()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([[1, 2, 3, 4], [11]])
  never.resolve(succeeded())
})

test('with a ParallelizationFactor batches of one shard run at once and each item keeps its order', async () => {
  let running = 0
  let highest = 0
  const s = scenario(
    async () => {
      running += 1
      highest = Math.max(highest, running)
      await new Promise(setImmediate)
      running -= 1
      return succeeded()
    },
    { parallelizationFactor: 4, batchSize: 2 },
    { count: 0 },
  )
  const items = ['a', 'b', 'c', 'd']
  s.stream.append(
    'shard-1',
    ...Array.from({ length: 32 }, (_, i) => record(i + 1, s.clock, items[i % items.length])),
  )
  s.start()
  await s.clock.advance(1_000)
  await expect.poll(() => s.batches().flat()).toHaveLength(32)
  expect(highest).toBeGreaterThan(1)
  for (const item of items) {
    const ofItem = s.target.events
      .flatMap((event) => event.Records)
      .filter((r) => r.dynamodb?.Keys?.pk?.S === item)
    expect(numbers(ofItem)).toEqual(numbers(ofItem).toSorted((a, b) => a - b))
  }
})

test.each<[string, Invocation, number[][]]>([
  ['failed is delivered again', failed(), [[3, 4]]],
  ['succeeded is not delivered again', succeeded(), []],
])('a batch that was under way when the mapping closed and %s by a new mapping', async (_, answer, again) => {
  const checkpoints = new InMemoryCheckpointStore()
  const running = Promise.withResolvers<Invocation>()
  const s = scenario(
    (_batch, call) => (call === 2 ? running.promise : succeeded()),
    { batchSize: 2 },
    { checkpoints },
  )
  const first = s.start()
  await s.clock.advance(0)
  const closed = first.close()
  running.resolve(answer)
  await closed
  s.start()
  await s.clock.advance(0)
  expect(s.batches()).toEqual([[1, 2], [3, 4], ...again])
})

test('a source that fails is reported and asked again', async () => {
  const s = scenario(() => succeeded())
  const read = s.stream.read.bind(s.stream)
  let calls = 0
  s.stream.read = (...request) => {
    calls += 1
    return calls === 1 ? Promise.reject(new Error('connection refused')) : read(...request)
  }
  s.start()
  await s.clock.advance(1_000)
  expect(s.facts[0]).toMatchObject({ kind: 'trouble', doing: 'read the stream' })
  expect(s.batches()).toEqual([[1, 2, 3, 4]])
})

test.each<[string, Partial<StreamEventSourceConfig>]>([
  ['StartingPosition AT_TIMESTAMP', { startingPosition: 'AT_TIMESTAMP' }],
  ['TumblingWindowInSeconds', { tumblingWindowInSeconds: 30 }],
  ['ParallelizationFactor', { parallelizationFactor: 11 }],
  ['MaximumRecordAgeInSeconds', { maximumRecordAgeInSeconds: 59 }],
])('refuses a bad %s by name', (setting, config) => {
  expect(() => scenario(() => succeeded(), config).start()).toThrow(setting)
})
