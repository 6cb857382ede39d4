import type { Cause } from '../cause.ts'
import type { Clock } from '../clock.ts'
import type { EventId } from '../ids.ts'
import type { DeliveryMessage, DeliveryQueue } from './delivery-queue.ts'

interface Queued {
  readonly number: number
  readonly group: string
  readonly message: DeliveryMessage
  readonly cause: Cause
  visibleAt: number
}

const before = (a: Queued, b: Queued): boolean =>
  a.visibleAt < b.visibleAt || (a.visibleAt === b.visibleAt && a.number < b.number)

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
  /** Each group's messages in the order sent. */
  readonly #groups = new Map<string, Queued[]>()
  /** The first of each group, in the order in which they may be received: with 10,000 of them a search from the front takes minutes. */
  readonly #firsts: Queued[] = []
  readonly #sentAt = new Map<string, number>()
  #sent = 0
  #deleted = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get length(): number {
    return this.#sent - this.#deleted
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
    this.#sent += 1
    const queued = { number: this.#sent, group, message, cause, visibleAt: now }
    const behind = this.#groups.get(group)
    if (behind === undefined) {
      this.#groups.set(group, [queued])
      this.#firsts.splice(this.#placeOf(queued), 0, queued)
    } else behind.push(queued)
  }

  /** The message that is due longest, hidden until it is deleted, postponed or its time is over. */
  receive(): Received | undefined {
    const [queued] = this.#firsts
    if (queued === undefined || queued.visibleAt > this.#clock.now().getTime()) return undefined
    this.#hide(queued, visibilitySeconds)
    return {
      message: queued.message,
      cause: queued.cause,
      delete: () => this.#delete(queued),
      postpone: (seconds) => this.#hide(queued, seconds),
    }
  }

  /** When the next message can be received; nothing when the queue is empty. For clocks that jump. */
  nextAt(): Date | undefined {
    const [first] = this.#firsts
    return first && new Date(first.visibleAt)
  }

  #hide(queued: Queued, seconds: number): void {
    if (!this.#takeFirst(queued)) return
    queued.visibleAt = this.#clock.now().getTime() + seconds * 1_000
    this.#firsts.splice(this.#placeOf(queued), 0, queued)
  }

  #delete(queued: Queued): void {
    if (!this.#takeFirst(queued)) return
    this.#deleted += 1
    const [, next, ...rest] = this.#groups.get(queued.group) ?? []
    if (next === undefined) this.#groups.delete(queued.group)
    else {
      this.#groups.set(queued.group, [next, ...rest])
      this.#firsts.splice(this.#placeOf(next), 0, next)
    }
  }

  /** Whether it was still there: who held it for too long may come after another who deleted it. */
  #takeFirst(queued: Queued): boolean {
    const place = this.#placeOf(queued)
    if (this.#firsts[place] !== queued) return false
    this.#firsts.splice(place, 1)
    return true
  }

  #placeOf(queued: Queued): number {
    let [low, high] = [0, this.#firsts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#firsts[middle]
      if (other !== undefined && before(other, queued)) low = middle + 1
      else high = middle
    }
    return low
  }
}
