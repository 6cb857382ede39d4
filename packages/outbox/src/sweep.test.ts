import { describe, expect, it } from 'vitest'
import { anEnvelope } from './an-envelope.ts'
import { InMemoryOutboxStore } from './in-memory-outbox-store.ts'
import { RecordingPublisher } from './recording-publisher.ts'
import { makeRelay } from './relay.ts'
import { makeSweep } from './sweep.ts'

const now = new Date('2026-01-01T01:00:00Z')
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const limits = { olderThanSeconds: 60, deadline: new Date(now.getTime() + 1) }

const setUp = (pageSize?: number) => {
  const store = new InMemoryOutboxStore(pageSize)
  const publisher = new RecordingPublisher()
  const clock = { now: () => now }
  return { store, publisher, sweep: makeSweep({ store, relay: makeRelay({ publisher, store }), clock }) }
}

describe('the sweep', () => {
  it('publishes what waited longer than its limit and says how old the oldest was', async () => {
    const { store, publisher, sweep } = setUp()
    store.add(anEnvelope({ aggregate: 'old', createdAt: minutesAgo(5) }))
    store.add(anEnvelope({ aggregate: 'young', createdAt: now }))
    expect(await sweep(limits)).toEqual({
      published: 1,
      unpublished: [],
      unreadable: [],
      oldestPendingSeconds: 300,
    })
    expect(publisher.sent.map(({ event }) => event.subject)).toEqual(['old'])
  })

  it('publishes an older envelope that the index does not show before the one it shows', async () => {
    const { store, publisher, sweep } = setUp()
    store.add(anEnvelope({ seq: 2, createdAt: minutesAgo(5) }))
    // Written by a clock that runs ahead: too young for the index page.
    store.add(anEnvelope({ seq: 1, createdAt: now }))
    await sweep(limits)
    expect(publisher.sent.map(({ event }) => Number(event.sequence))).toEqual([1, 2])
  })

  it('goes on past a page of which everything fails', async () => {
    const { store, publisher, sweep } = setUp(2)
    for (const aggregate of ['bad-1', 'bad-2', 'good'])
      store.add(anEnvelope({ aggregate, createdAt: minutesAgo(2) }))
    publisher.refuse = ({ event }) => (event.subject.startsWith('bad') ? 'InvalidParameterValue' : undefined)
    const swept = await sweep(limits)
    expect(swept.published).toBe(1)
    expect(swept.unpublished.map(({ envelope }) => envelope.aggregate)).toEqual(['bad-1', 'bad-2'])
  })

  it('leaves to the relay what is younger than its limit by a moment', async () => {
    const { store, publisher, sweep } = setUp()
    store.add(anEnvelope({ aggregate: 'older', createdAt: new Date(now.getTime() - 60_001) }))
    store.add(anEnvelope({ aggregate: 'younger', createdAt: new Date(now.getTime() - 60_000) }))
    await sweep(limits)
    expect(publisher.sent.map(({ event }) => event.subject)).toEqual(['older'])
  })

  it('tries an aggregate once, however many pages show it', async () => {
    const { store, publisher, sweep } = setUp(1)
    for (const seq of [1, 2, 3]) store.add(anEnvelope({ seq, createdAt: minutesAgo(5) }))
    publisher.refuse = () => 'InternalError'
    const swept = await sweep(limits)
    expect(swept.unpublished.map(({ envelope }) => envelope.seq)).toEqual([1, 2, 3])
    expect(publisher.calls).toHaveLength(1)
  })

  it('begins no new page after its deadline', async () => {
    const { store, publisher, sweep } = setUp(1)
    for (const aggregate of ['a', 'b']) store.add(anEnvelope({ aggregate, createdAt: minutesAgo(2) }))
    expect((await sweep({ ...limits, deadline: now })).published).toBe(1)
    expect(publisher.sent).toHaveLength(1)
  })

  it('names the rows that are no envelopes and the aggregates that cannot be read, and publishes the rest', async () => {
    const { store, publisher, sweep } = setUp()
    for (const aggregate of ['broken', 'good']) store.add(anEnvelope({ aggregate, createdAt: minutesAgo(2) }))
    const pending = store.pending.bind(store)
    store.pending = async function* (olderThan) {
      yield { envelopes: [], unreadable: [{ key: 'acme#x', reason: 'SyntaxError' }] }
      yield* pending(olderThan)
    }
    const pendingOf = store.pendingOf.bind(store)
    store.pendingOf = (tenant, aggregate) =>
      aggregate === 'broken' ? Promise.reject(new SyntaxError('not JSON')) : pendingOf(tenant, aggregate)

    const swept = await sweep(limits)
    expect(swept.unreadable).toEqual([{ key: 'acme#x', reason: 'SyntaxError' }])
    expect(swept.unpublished).toMatchObject([
      { envelope: { aggregate: 'broken' }, reason: 'SyntaxError: not JSON' },
    ])
    expect(publisher.sent.map(({ event }) => event.subject)).toEqual(['good'])
  })
})
