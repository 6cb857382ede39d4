import { expect, it } from 'vitest'
import { anEnvelope } from './an-envelope.ts'
import type { EventPublisher } from './event-publisher.ts'
import type { OutboxStore } from './outbox-store.ts'
import { makeRelay } from './relay.ts'
import { makeSweep } from './sweep.ts'

const [aggregates, versions, pageSize] = [10_000, 10, 100]
const now = new Date('2026-01-02T00:00:00Z')

/** A backlog too large to hold: envelopes are made when they are read. `held` counts those that were read and are not published yet. */
const aBacklog = () => {
  const published = new Uint8Array(aggregates)
  const outOfOrder: string[] = []
  let held = 0
  const most = { held: 0 }

  const store: OutboxStore = {
    async *pending() {
      for (let start = 0; start < aggregates; start += pageSize) {
        const page = Array.from({ length: pageSize }, (_, n) => start + n)
        yield { envelopes: page.map((n) => anEnvelope({ aggregate: String(n) })), unreadable: [] }
      }
    },
    pendingOf: async (_, aggregate) => {
      held += versions
      most.held = Math.max(most.held, held)
      return Array.from({ length: versions }, (_, index) => anEnvelope({ aggregate, seq: index + 1 }))
    },
    markPublished: async () => {
      held -= 1
    },
  }
  const publisher: EventPublisher = {
    maxBatch: 10,
    publish: async (events) => {
      for (const { event } of events) {
        const aggregate = Number(event.subject)
        if (Number(event.sequence) !== (published[aggregate] ?? 0) + 1) outOfOrder.push(event.id)
        published[aggregate] = Number(event.sequence)
      }
      return { failed: new Map() }
    },
  }
  return { store, publisher, published, outOfOrder, most }
}

it('a backlog of 100,000 envelopes is swept in order, with one page of aggregates in memory at a time', async () => {
  const { store, publisher, published, outOfOrder, most } = aBacklog()
  const sweep = makeSweep({ store, relay: makeRelay({ publisher, store }), clock: { now: () => now } })
  const swept = await sweep({ olderThanSeconds: 60, deadline: new Date(now.getTime() + 1) })
  expect(swept).toMatchObject({ published: aggregates * versions, unpublished: [] })
  expect(outOfOrder).toEqual([])
  expect(published.every((version) => version === versions)).toBe(true)
  expect(most.held).toBe(pageSize * versions)
})
