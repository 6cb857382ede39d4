import type { EventPublisher, OutgoingEvent } from './event-publisher.ts'

/** A queue for tests and simulations that keeps what it confirmed, in order. `refuse` decides per event and call whether it fails. */
export class RecordingPublisher implements EventPublisher {
  readonly maxBatch = 10
  readonly sent: OutgoingEvent[] = []
  readonly calls: (readonly OutgoingEvent[])[] = []
  refuse: (event: OutgoingEvent, call: number) => string | undefined = () => undefined

  async publish(events: readonly OutgoingEvent[]): Promise<{ readonly failed: ReadonlyMap<string, string> }> {
    this.calls.push(events)
    const failed = new Map<string, string>()
    for (const outgoing of events) {
      const reason = this.refuse(outgoing, this.calls.length)
      if (reason === undefined) this.sent.push(outgoing)
      else failed.set(outgoing.event.id, reason)
    }
    return { failed }
  }
}
