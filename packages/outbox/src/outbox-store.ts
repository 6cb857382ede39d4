import type { Envelope } from './envelope.ts'

/** Rows of the outbox that wait. A row that is no envelope is named, so that it is seen and stops nobody else. */
export interface PendingPage {
  readonly envelopes: readonly Envelope[]
  readonly unreadable: readonly { readonly key: string; readonly reason: string }[]
}

/** Where envelopes wait. Writing them is the business of the transaction that makes the change, not of this port. */
export interface OutboxStore {
  /**
   * MUST be safe to repeat and to run beside itself: the envelope leaves the pending ones and may be deleted from now on, never before.
   * An envelope that is gone already counts as marked.
   */
  markPublished(envelope: Envelope): Promise<void>

  /** Pages of what was pending before `olderThan`. May be stale: an envelope may be published by now, or not be shown yet. */
  pending(olderThan: Date): AsyncIterable<PendingPage>

  /** MUST read consistently: all pending envelopes of one aggregate, in order of `seq`. Throws when one of them cannot be read. */
  pendingOf(tenant: string, aggregate: string): Promise<readonly Envelope[]>
}
