import type { CloudEvent } from './envelope.ts'

/** One event on its way to the queue. */
export interface OutgoingEvent {
  /** Order is kept within a group and nowhere else. */
  readonly group: string
  readonly event: CloudEvent
}

/** The queue that consumers read. */
export interface EventPublisher {
  /** The most events that one call takes. */
  readonly maxBatch: number
  /**
   * Sends at most `maxBatch` events of different groups. MUST report each event that the queue did not confirm, by its id;
   * MUST let the queue drop a repeat by the event's id. Throws when nothing is known about any of them.
   */
  publish(events: readonly OutgoingEvent[]): Promise<{ readonly failed: ReadonlyMap<string, string> }>
}
