import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anEnvelope } from './an-envelope.ts'
import { InMemoryOutboxStore } from './in-memory-outbox-store.ts'
import { RecordingPublisher } from './recording-publisher.ts'
import { makeRelay } from './relay.ts'

const setUp = (envelopes: ReturnType<typeof anEnvelope>[]) => {
  const store = new InMemoryOutboxStore()
  for (const envelope of envelopes) store.add(envelope)
  const publisher = new RecordingPublisher()
  return { store, publisher, relay: makeRelay({ publisher, store }), envelopes }
}
const sequencesOf = (publisher: RecordingPublisher, aggregate: string) =>
  publisher.sent.filter(({ event }) => event.subject === aggregate).map(({ event }) => Number(event.sequence))
const pendingIn = (store: InMemoryOutboxStore) => store.rows().filter(({ published }) => !published).length

describe('the relay', () => {
  it('publishes every event of every envelope and marks them', async () => {
    const { store, publisher, relay, envelopes } = setUp([
      anEnvelope({ aggregate: 'a', seq: 2, events: 2 }),
      anEnvelope({ aggregate: 'b' }),
      anEnvelope({ aggregate: 'a', seq: 3 }),
    ])
    expect(await relay(envelopes)).toEqual({ published: 3, unpublished: [] })
    expect(sequencesOf(publisher, 'a')).toEqual([1, 2, 3])
    expect(sequencesOf(publisher, 'b')).toEqual([1])
    expect(pendingIn(store)).toBe(0)
  })

  it('goes by the versions of an aggregate, in whatever order its envelopes come', async () => {
    const { publisher, relay, envelopes } = setUp([
      anEnvelope({ seq: 10 }),
      anEnvelope({ aggregate: 'other' }),
      anEnvelope({ seq: 3, events: 3 }),
      anEnvelope({ seq: 9, events: 6 }),
    ])
    await relay(envelopes)
    expect(sequencesOf(publisher, 'agg_1')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('never puts two events of one group into one call', async () => {
    const { publisher, relay, envelopes } = setUp([
      anEnvelope({ aggregate: 'a', seq: 3, events: 3 }),
      anEnvelope({ aggregate: 'a', seq: 4 }),
      anEnvelope({ aggregate: 'b' }),
    ])
    await relay(envelopes)
    for (const call of publisher.calls) expect(new Set(call.map(({ group }) => group)).size).toBe(call.length)
  })

  it('sends each event of a round once, in calls of at most as many as the queue takes', async () => {
    const { publisher, relay, envelopes } = setUp(
      Array.from({ length: 25 }, (_, n) => anEnvelope({ aggregate: `agg_${n}` })),
    )
    await relay(envelopes)
    expect(publisher.calls.map(({ length }) => length)).toEqual([10, 10, 5])
    expect(new Set(publisher.sent.map(({ group }) => group)).size).toBe(25)
  })

  it('runs no more calls at once than it is told to', async () => {
    const { store, publisher, envelopes } = setUp(
      Array.from({ length: 95 }, (_, n) => anEnvelope({ aggregate: `agg_${n}` })),
    )
    let running = 0
    const most = { publish: 0, mark: 0 }
    const counted = async <T>(name: 'publish' | 'mark', work: () => Promise<T>): Promise<T> => {
      most[name] = Math.max(most[name], ++running)
      const result = await work()
      running -= 1
      return result
    }
    const relay = makeRelay({
      publisher: {
        maxBatch: publisher.maxBatch,
        publish: (events) => counted('publish', () => publisher.publish(events)),
      },
      store: { markPublished: (envelope) => counted('mark', () => store.markPublished(envelope)) },
      concurrency: 3,
    })
    expect(await relay(envelopes)).toMatchObject({ published: 95 })
    expect(most).toEqual({ publish: 3, mark: 3 })
  })

  it('sends eight of ten events when the queue refuses the third and the seventh, and those two in order the next time', async () => {
    const { store, publisher, relay, envelopes } = setUp(
      Array.from({ length: 10 }, (_, n) => [
        anEnvelope({ aggregate: `agg_${n}`, seq: 1 }),
        anEnvelope({ aggregate: `agg_${n}`, seq: 2 }),
      ]).flat(),
    )
    const refused = ['agg_2', 'agg_6']
    publisher.refuse = ({ event }) => (refused.includes(event.subject) ? 'InternalError' : undefined)
    const { published, unpublished } = await relay(envelopes)
    expect(published).toBe(16)
    expect(unpublished.map(({ envelope }) => [envelope.aggregate, envelope.seq])).toEqual([
      ['agg_2', 1],
      ['agg_2', 2],
      ['agg_6', 1],
      ['agg_6', 2],
    ])
    expect(store.rows().filter(({ published }) => !published)).toHaveLength(4)

    publisher.refuse = () => undefined
    expect(await relay(unpublished.map(({ envelope }) => envelope))).toEqual({
      published: 4,
      unpublished: [],
    })
    for (const aggregate of refused) expect(sequencesOf(publisher, aggregate)).toEqual([1, 2])
  })

  it('names an envelope once, however many of its events are left, and none that went out before it', async () => {
    const { publisher, relay, envelopes } = setUp([anEnvelope({ seq: 1 }), anEnvelope({ seq: 4, events: 3 })])
    publisher.refuse = ({ event }) => (event.sequence.endsWith('3') ? 'InternalError' : undefined)
    expect(await relay(envelopes)).toEqual({
      published: 1,
      unpublished: [{ envelope: envelopes[1], reason: 'InternalError' }],
    })
  })

  it('stops an aggregate at its first failure and lets the others go on', async () => {
    const { store, publisher, relay, envelopes } = setUp([
      anEnvelope({ aggregate: 'a', seq: 1 }),
      anEnvelope({ aggregate: 'a', seq: 2 }),
      anEnvelope({ aggregate: 'b', seq: 1 }),
      anEnvelope({ aggregate: 'b', seq: 2 }),
    ])
    publisher.refuse = ({ event }) => (event.subject === 'a' ? 'InternalError' : undefined)
    const { published, unpublished } = await relay(envelopes)
    expect(published).toBe(2)
    expect(unpublished.map(({ envelope, reason }) => [envelope.aggregate, envelope.seq, reason])).toEqual([
      ['a', 1, 'InternalError'],
      ['a', 2, 'InternalError'],
    ])
    expect(sequencesOf(publisher, 'b')).toEqual([1, 2])
    expect(pendingIn(store)).toBe(2)
  })

  it('does not mark an envelope of which one event failed', async () => {
    const { store, publisher, relay, envelopes } = setUp([anEnvelope({ seq: 2, events: 2 })])
    publisher.refuse = ({ event }) => (event.sequence.endsWith('2') ? 'InternalError' : undefined)
    expect((await relay(envelopes)).published).toBe(0)
    expect(pendingIn(store)).toBe(1)
  })

  it('treats a call that throws as the failure of all its events', async () => {
    const { store, publisher, relay, envelopes } = setUp([
      anEnvelope({ aggregate: 'a' }),
      anEnvelope({ aggregate: 'b' }),
    ])
    publisher.publish = () => Promise.reject(new Error('connection reset'))
    expect((await relay(envelopes)).unpublished.map(({ reason }) => reason)).toEqual([
      'Error: connection reset',
      'Error: connection reset',
    ])
    expect(pendingIn(store)).toBe(2)
  })

  it('holds back an aggregate whose envelope could not be marked', async () => {
    const { store, publisher, relay, envelopes } = setUp([anEnvelope({ seq: 1 }), anEnvelope({ seq: 2 })])
    store.markPublished = () => Promise.reject(new Error('throttled'))
    expect((await relay(envelopes)).unpublished).toHaveLength(2)
    expect(sequencesOf(publisher, 'agg_1')).toEqual([1])
  })

  it('loses nothing and keeps order per aggregate whatever fails, once it is repeated', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ aggregate: fc.constantFrom('a', 'b', 'c'), events: fc.integer({ min: 1, max: 3 }) }),
          {
            minLength: 1,
            maxLength: 30,
          },
        ),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        async (changes, dice) => {
          const versions = new Map<string, number>()
          const made = changes.map(({ aggregate, events }) => {
            const seq = (versions.get(aggregate) ?? 0) + events
            versions.set(aggregate, seq)
            return anEnvelope({ aggregate, seq, events })
          })
          const { store, publisher, relay } = setUp(made)
          publisher.refuse = () => (dice.next().value === 0 ? 'InternalError' : undefined)
          let left = made
          for (let round = 0; round < 500 && left.length > 0; round++)
            left = (await relay(left)).unpublished.map(({ envelope }) => envelope)

          expect(pendingIn(store)).toBe(0)
          for (const [aggregate, version] of versions) {
            // The queue drops repeats of an id, so only the first of each counts.
            expect([...new Set(sequencesOf(publisher, aggregate))]).toEqual(
              Array.from({ length: version }, (_, index) => index + 1),
            )
          }
        },
      ),
    )
  })
})
