import type { Cause } from '../cause.ts'
import type { Clock } from '../clock.ts'
import type { EventId } from '../ids.ts'
import type { DeliveryMessage, DeliveryQueue } from './delivery-queue.ts'

interface Queued {
  readonly group: string
  readonly message: DeliveryMessage
  readonly cause: Cause
  visibleAt: number
}

/** A message in somebody's hands: done with, or to come back after `seconds`. */
export interface Received {
  readonly message: DeliveryMessage
  readonly cause: Cause
  delete(): void
  postpone(seconds: number): void
}

const deduplicationSeconds = 300
const visibilitySeconds = 120

/** A FIFO queue as SQS has them: groups in order, the next message only when the one before is deleted, deduplication for five minutes. */
export class InMemoryDeliveryQueue implements DeliveryQueue {
  readonly #clock: Clock
  readonly #queued: Queued[] = []
  readonly #sentAt = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get length(): number {
    return this.#queued.length
  }

  async send(
    message: DeliveryMessage,
    { subject, asked }: { subject: string; asked: EventId },
    cause: Cause,
  ): Promise<void> {
    const now = this.#clock.now().getTime()
    const deduplication = `${message.endpointId}#${asked}`
    const sentAt = this.#sentAt.get(deduplication)
    if (sentAt !== undefined && now - sentAt < deduplicationSeconds * 1_000) return
    this.#sentAt.set(deduplication, now)
    const group = `${message.merchant}#${message.endpointId}#${subject}`
    this.#queued.push({ group, message, cause, visibleAt: now })
  }

  /** The oldest message that may be handed out now, hidden until it is deleted, postponed or its time is over. */
  receive(): Received | undefined {
    const now = this.#clock.now().getTime()
    const seen = new Set<string>()
    const queued = this.#queued.find(({ group, visibleAt }) => {
      const first = !seen.has(group)
      seen.add(group)
      return first && visibleAt <= now
    })
    if (queued === undefined) return undefined
    const hide = (seconds: number) => {
      queued.visibleAt = this.#clock.now().getTime() + seconds * 1_000
    }
    hide(visibilitySeconds)
    return {
      message: queued.message,
      cause: queued.cause,
      delete: () => {
        const index = this.#queued.indexOf(queued)
        if (index >= 0) this.#queued.splice(index, 1)
      },
      postpone: hide,
    }
  }

  /** When the next message can be received; nothing when the queue is empty. For clocks that jump. */
  nextAt(): Date | undefined {
    const firsts = new Map<string, number>()
    for (const { group, visibleAt } of this.#queued) if (!firsts.has(group)) firsts.set(group, visibleAt)
    return firsts.size === 0 ? undefined : new Date(Math.min(...firsts.values()))
  }
}
