import type { Envelope } from './envelope.ts'
import type { OutboxStore, PendingPage } from './outbox-store.ts'
import { reasonOf } from './reason-of.ts'
import { groupOf, type Relay, type Unpublished } from './relay.ts'

export interface SweepDependencies {
  readonly store: OutboxStore
  readonly relay: Relay
  readonly clock: { now(): Date }
}

/** Bounds of one sweep. */
export interface SweepLimits {
  /** Younger envelopes are the relay's: it has them within moments. */
  readonly olderThanSeconds: number
  /** No new page is begun after it. */
  readonly deadline: Date
}

export interface Swept {
  readonly published: number
  readonly unpublished: readonly Unpublished[]
  /** Rows that are no envelopes: somebody has to look at them. */
  readonly unreadable: PendingPage['unreadable']
  /** Age in seconds of the oldest envelope that was found pending; 0 when none was. */
  readonly oldestPendingSeconds: number
}

/**
 * Publishes what the relay missed, page by page until none is left or the deadline comes. An aggregate found pending is read again, consistently and
 * whole, so that nothing overtakes an older envelope which the index does not show yet. What fails is left for the next sweep and holds up nobody else.
 */
export const makeSweep =
  ({ store, relay, clock }: SweepDependencies) =>
  async ({ olderThanSeconds, deadline }: SweepLimits): Promise<Swept> => {
    const start = clock.now().getTime()
    const tried = new Set<string>()
    const unpublished: Unpublished[] = []
    const unreadable: PendingPage['unreadable'][number][] = []
    let published = 0
    let oldest = start

    const waitingWith = async (shown: Envelope): Promise<readonly Envelope[]> => {
      try {
        return await store.pendingOf(shown.tenant, shown.aggregate)
      } catch (error) {
        unpublished.push({ envelope: shown, reason: reasonOf(error) })
        return []
      }
    }

    for await (const page of store.pending(new Date(start - olderThanSeconds * 1_000))) {
      unreadable.push(...page.unreadable)
      const aggregates = new Map<string, Envelope>()
      for (const envelope of page.envelopes) {
        oldest = Math.min(oldest, Date.parse(envelope.createdAt))
        if (!tried.has(groupOf(envelope))) aggregates.set(groupOf(envelope), envelope)
      }
      for (const group of aggregates.keys()) tried.add(group)
      const waiting = await Promise.all([...aggregates.values()].map(waitingWith))
      const relayed = await relay(waiting.flat())
      published += relayed.published
      unpublished.push(...relayed.unpublished)
      if (clock.now() >= deadline) break
    }
    return { published, unpublished, unreadable, oldestPendingSeconds: (start - oldest) / 1_000 }
  }
