import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import { afterEach, describe, expect, it } from 'vitest'
import { InMemoryStream } from '../events/in-memory-stream.ts'
import { ScriptedFunction } from '../events/scripted-function.ts'
import { StreamEventSource } from '../events/stream-event-source.ts'
import { ManualClock } from '../manual-clock.ts'
import type { DeliveryFault } from './delivery-fault.ts'
import { exactFaultPlan, makeFaultPlan } from './fault-plan.ts'
import { FaultyStream } from './faulty-stream.ts'
import { seededHash } from './seeded-hash.ts'

const sources: StreamEventSource[] = []
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()))
})

/** The change `item` + `version`, for instance `a1`; all changes are of one second unless told otherwise. */
const change = (place: number, name: string, second = 1_767_225_600): DynamoDBRecord => ({
  eventID: name,
  dynamodb: {
    SequenceNumber: String(place),
    ApproximateCreationDateTime: second,
    Keys: { pk: { S: name.slice(0, 1) } },
  },
})
const names = (event: DynamoDBStreamEvent) => event.Records.map(({ eventID }) => eventID ?? '')

const scenario = (
  {
    batchSize = 3,
    window = 0,
    idlePollMs = 1_000,
  }: { batchSize?: number; window?: number; idlePollMs?: number },
  ...faults: readonly (DeliveryFault | undefined)[]
) => {
  const clock = new ManualClock()
  const stream = new InMemoryStream()
  stream.open('shard-1')
  const plan = exactFaultPlan(
    faults.flatMap((fault, index) =>
      fault ? [{ via: 'stream' as const, source: 'Relay', nth: index + 1, fault }] : [],
    ),
  )
  const faulty = new FaultyStream({
    stream,
    plan,
    clock,
    source: 'Relay',
    trimAfterMs: 86_400_000,
    onReadable: () => {
      for (const source of sources) source.wake()
    },
  })
  const target = new ScriptedFunction<DynamoDBStreamEvent>()
  const start = () => {
    const source = new StreamEventSource(
      {
        name: 'Relay',
        startingPosition: 'TRIM_HORIZON',
        batchSize,
        maximumBatchingWindowInSeconds: window,
        idlePollMs,
      },
      { stream: faulty, function: target, clock, observe: () => {} },
    )
    sources.push(source)
    source.start()
  }
  let place = 0
  const append = (shard: string, ...changes: readonly string[]) => {
    for (const name of changes) {
      place += 1
      stream.append(shard, change(place, name, Math.floor(clock.now() / 1_000)))
    }
  }
  return { clock, stream, plan, faulty, target, start, append, batches: () => target.events.map(names) }
}

describe('a stream with faults', () => {
  it.each([0, 5])('delivers a batch twice, never both in one (window of %i s)', async (window) => {
    const s = scenario({ window }, { kind: 'duplicate', ms: 1 })
    s.append('shard-1', 'a1', 'b1')
    s.start()
    await s.clock.advance(20_000)
    expect(s.batches()).toEqual([
      ['a1', 'b1'],
      ['a1', 'b1'],
    ])
  })

  it('falls back to the beginning of an earlier batch and goes on from there', async () => {
    const s = scenario({ batchSize: 2 }, undefined, undefined, { kind: 'rewind', salt: 1 })
    s.append('shard-1', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7')
    s.start()
    await s.clock.advance(10_000)
    expect(s.batches()).toEqual([
      ['a1', 'a2'],
      ['a3', 'a4'],
      ['a5', 'a6'],
      ['a3', 'a4'],
      ['a5', 'a6'],
      ['a7'],
    ])
  })

  it('replays everything from the oldest record', async () => {
    const s = scenario({ batchSize: 2 }, undefined, { kind: 'replay' })
    s.append('shard-1', 'a1', 'a2', 'a3', 'a4', 'a5')
    s.start()
    await s.clock.advance(10_000)
    expect(s.batches().flat()).toEqual(['a1', 'a2', 'a3', 'a4', 'a1', 'a2', 'a3', 'a4', 'a5'])
    expect(s.plan.injected).toHaveLength(1)
  })

  it('cuts one batch in two', async () => {
    const s = scenario({ batchSize: 10 }, { kind: 'cut', salt: 1 })
    s.append('shard-1', 'a1', 'b1', 'c1', 'd1')
    s.start()
    await s.clock.advance(10_000)
    expect(s.batches()).toEqual([
      ['a1', 'b1'],
      ['c1', 'd1'],
    ])
  })

  it('lets neighbours of different items change places for good, and never two changes of one item', async () => {
    const s = scenario({ batchSize: 10 }, { kind: 'permute', salt: 3 }, { kind: 'replay' })
    const changes = ['a1', 'b1', 'c1', 'd1', 'b2', 'b3', 'a2']
    s.append('shard-1', ...changes)
    s.start()
    await s.clock.advance(2_000)
    s.append('shard-1', 'e1')
    await s.clock.advance(10_000)
    const [first = [], second, replayed] = s.batches()
    expect(first).not.toEqual(changes)
    expect(first.toSorted()).toEqual(changes.toSorted())
    for (const item of ['a', 'b']) {
      expect(first.filter((name) => name.startsWith(item))).toEqual(
        changes.filter((name) => name.startsWith(item)),
      )
    }
    expect(second).toEqual(['e1'])
    expect(replayed).toEqual([...first, 'e1'])
    const places = s.target.events[0]?.Records.map(({ dynamodb }) => dynamodb?.SequenceNumber)
    expect(places).toEqual(['1', '2', '3', '4', '5', '6', '7'])
  })

  it.each([0, 1, 2, 3, 4])('never moves what was delivered already (salt %i)', async (salt) => {
    const s = scenario(
      { batchSize: 10, idlePollMs: 1_000 },
      { kind: 'duplicate', ms: 1 },
      { kind: 'permute', salt },
    )
    s.append('shard-1', 'a1', 'b1')
    s.start()
    s.target.called(1).then(() => s.append('shard-1', 'c1', 'd1'))
    await s.clock.advance(10_000)
    const [first, second = []] = s.batches()
    expect(first).toEqual(['a1', 'b1'])
    expect(second.slice(0, 2)).toEqual(['a1', 'b1'])
    expect(second.toSorted()).toEqual(['a1', 'b1', 'c1', 'd1'])
  })

  it('comes late or after a pause, and tells when', async () => {
    const s = scenario({ idlePollMs: 600_000 }, { kind: 'late', ms: 3_000 })
    s.append('shard-1', 'a1')
    s.start()
    await s.clock.advance(2_999)
    expect(s.batches()).toEqual([])
    await s.clock.advance(1)
    expect(s.batches()).toEqual([['a1']])
    s.faulty.pauseFor(5_000)
    await s.clock.advance(0)
    s.append('shard-1', 'a2')
    await s.clock.advance(5_000)
    expect(s.batches()).toEqual([['a1'], ['a2']])
  })

  it('leaves changes of different seconds where they are', async () => {
    const s = scenario({ batchSize: 10 }, { kind: 'permute', salt: 3 })
    for (const name of ['a1', 'b1', 'c1', 'd1']) {
      s.append('shard-1', name)
      await s.clock.advance(1_000)
    }
    s.start()
    await s.clock.advance(1_000)
    expect(s.batches()).toEqual([['a1', 'b1', 'c1', 'd1']])
  })

  it('splits a shard: the children go on where the parent ended, each item in one of them', async () => {
    const s = scenario({ batchSize: 2 }, { kind: 'split' })
    const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    s.append('shard-1', ...items.map((item) => `${item}1`), ...items.map((item) => `${item}2`))
    s.start()
    await s.clock.advance(10_000)
    expect(await s.faulty.shards()).toEqual([
      { shardId: 'shard-1' },
      { shardId: 'shard-1-0', parentShardId: 'shard-1' },
      { shardId: 'shard-1-1', parentShardId: 'shard-1' },
    ])
    const delivered = s.batches().flat()
    expect(delivered.slice(0, 2)).toEqual(['a1', 'b1'])
    expect(delivered.toSorted()).toEqual(items.flatMap((item) => [`${item}1`, `${item}2`]))
    for (const item of items) {
      expect(delivered.filter((name) => name.startsWith(item))).toEqual([`${item}1`, `${item}2`])
    }
    expect(delivered).not.toEqual([...items.map((item) => `${item}1`), ...items.map((item) => `${item}2`)])
  })

  it("shows a shard of the stream's own only when all parts of its parent are read", async () => {
    const s = scenario({ batchSize: 2 }, { kind: 'split' })
    s.append('shard-1', 'a1', 'b1', 'c1', 'd1', 'e1')
    s.stream.open('shard-2', 'shard-1')
    s.append('shard-2', 'a2', 'b2', 'c2', 'd2', 'e2')
    s.start()
    await s.clock.advance(5_000)
    expect(
      s
        .batches()
        .flat()
        .filter((name) => name.endsWith('2')),
    ).toEqual([])
    s.stream.closeShard('shard-1')
    await s.clock.advance(5_000)
    expect(s.batches().flat().slice(-5)).toEqual(['a2', 'b2', 'c2', 'd2', 'e2'])
  })

  it('loses to the mapping what was trimmed while it stood still', async () => {
    const hour = 3_600_000
    const s = scenario({ idlePollMs: 60_000 })
    s.start()
    s.faulty.pauseFor(25 * hour)
    s.append('shard-1', 'a1')
    await s.clock.advance(2 * hour)
    s.append('shard-1', 'a2')
    await s.clock.advance(23 * hour - 1)
    expect(s.batches()).toEqual([])
    await s.clock.advance(60_001)
    expect(s.batches()).toEqual([['a2']])
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'delivers every change, those of one item in order, under all faults (seed %i)',
    async (seed) => {
      const clock = new ManualClock(undefined, { seed })
      const stream = new InMemoryStream()
      stream.open('shard-1')
      const plan = makeFaultPlan({ seed, rate: 0.5, longestLatenessMs: 500 })
      const faulty = new FaultyStream({ stream, plan, clock, source: 'Relay' })
      const target = new ScriptedFunction<DynamoDBStreamEvent>()
      const source = new StreamEventSource(
        { name: 'Relay', startingPosition: 'TRIM_HORIZON', batchSize: 7, idlePollMs: 100 },
        { stream: faulty, function: target, clock, observe: () => {} },
      )
      sources.push(source)
      source.start()
      const versions = new Map<string, number>()
      const sent: string[] = []
      for (let place = 1; place <= 300; place += 1) {
        const item = String.fromCharCode(97 + (seededHash(seed, place) % 20))
        const version = (versions.get(item) ?? 0) + 1
        versions.set(item, version)
        sent.push(`${item}${version}`)
        stream.append('shard-1', change(place, `${item}${version}`))
        if (place % 5 === 0) await clock.advance(seededHash('gap', seed, place) % 200)
      }
      await clock.advance(60_000)
      const delivered = target.events.flatMap(names)
      expect(new Set(plan.injected.map(({ fault }) => fault.kind)).size).toBeGreaterThanOrEqual(6)
      expect([...new Set(delivered)].toSorted()).toEqual(sent.toSorted())
      for (const [item, last] of versions) {
        const firsts = [...new Set(delivered.filter((name) => name.startsWith(item)))]
        expect(firsts).toEqual(Array.from({ length: last }, (_, index) => `${item}${index + 1}`))
      }
    },
  )
})
