import { describe, expect, it } from 'vitest'
import { anEnvelope } from './an-envelope.ts'
import type { Envelope } from './envelope.ts'
import type { OutboxStore, PendingPage } from './outbox-store.ts'

const collect = async (pages: AsyncIterable<PendingPage>): Promise<Envelope[]> =>
  (await Array.fromAsync(pages)).flatMap(({ envelopes }) => envelopes)

/** What every outbox store must do; `make` returns an empty one and the way to write to it. */
export const describeOutboxStore = (
  name: string,
  make: () => Promise<{ store: OutboxStore; add: (envelope: Envelope) => Promise<void> }>,
): void => {
  describe(`${name} as an outbox store`, () => {
    const later = new Date('2026-01-02T00:00:00Z')

    it('shows an envelope as pending, whole, until it is marked', async () => {
      const { store, add } = await make()
      const envelope = anEnvelope({ events: 2, seq: 2 })
      await add(envelope)
      expect(await collect(store.pending(later))).toEqual([envelope])
      await store.markPublished(envelope)
      expect(await collect(store.pending(later))).toEqual([])
      expect(await store.pendingOf('acme', 'agg_1')).toEqual([])
    })

    it('leaves out what is younger than asked for', async () => {
      const { store, add } = await make()
      await add(anEnvelope({ aggregate: 'old', createdAt: new Date('2026-01-01T00:00:00Z') }))
      await add(anEnvelope({ aggregate: 'new', createdAt: new Date('2026-01-01T00:05:00Z') }))
      const found = await collect(store.pending(new Date('2026-01-01T00:01:00Z')))
      expect(found.map(({ aggregate }) => aggregate)).toEqual(['old'])
    })

    it('pages through more than one page of every shard', async () => {
      const { store, add } = await make()
      for (let n = 0; n < 120; n++) await add(anEnvelope({ aggregate: `agg_${n}` }))
      const found = await collect(store.pending(later))
      expect(new Set(found.map(({ aggregate }) => aggregate)).size).toBe(120)
    })

    it('reads the pending envelopes of one aggregate in the order of their versions', async () => {
      const { store, add } = await make()
      for (const seq of [11, 2, 9]) await add(anEnvelope({ seq }))
      await add(anEnvelope({ tenant: 'other', seq: 1 }))
      await add(anEnvelope({ aggregate: 'agg_2', seq: 1 }))
      expect((await store.pendingOf('acme', 'agg_1')).map(({ seq }) => seq)).toEqual([2, 9, 11])
    })

    it('takes a mark again, and the mark of an envelope that is gone', async () => {
      const { store, add } = await make()
      const envelope = anEnvelope()
      await add(envelope)
      await store.markPublished(envelope)
      await store.markPublished(envelope)
      await store.markPublished(anEnvelope({ aggregate: 'gone' }))
      expect(await collect(store.pending(later))).toEqual([])
    })
  })
}
