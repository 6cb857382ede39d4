import type { Envelope } from './envelope.ts'

/** Where envelopes wait. Writing them is the business of the transaction that makes the change, not of this port. */
export interface OutboxStore {
  /**
   * MUST be safe to repeat and to run beside itself: the envelope leaves the pending ones and may be deleted from now on, never before.
   * An envelope that is gone already counts as marked.
   */
  markPublished(envelope: Envelope): Promise<void>

  /** Pages of pending envelopes written before `olderThan`. May be stale: one may be published by now, or not be shown yet. */
  pending(olderThan: Date): AsyncIterable<readonly Envelope[]>

  /** MUST read consistently: all pending envelopes of one aggregate from its oldest on, in order of `seq`. */
  pendingOf(tenant: string, aggregate: string): Promise<readonly Envelope[]>
}
