import type { Clock } from '../clock.ts'
import type { QueueConsumer, QueueVisibility, ReceivedMessage } from '../events/queue-transport.ts'
import type { FaultPlan } from './fault-plan.ts'
import { seededShuffle } from './seeded-hash.ts'

export interface FaultyQueueOptions {
  readonly queue: QueueConsumer
  /** Of the same queue, for visibility timeouts that end too early. */
  readonly visibility: QueueVisibility
  readonly plan: FaultPlan
  readonly clock: Clock
  /** The plan's name of the source: the mapping's. */
  readonly source: string
}

interface HeldMessage {
  readonly message: ReceivedMessage
  /** Milliseconds since the epoch. */
  readonly dueAt: number
}

/**
 * A queue that delivers as badly as SQS may. Each receive that brings messages is one delivery of the plan:
 *
 * - `duplicate`: handed out now and once more later, as when a server of SQS's missed the deletion; its handle is the same.
 * - `late`: handed out later. Meanwhile it is invisible, and nothing else of its FIFO group comes.
 * - `shuffle`: the messages of the receive in another order.
 * - `over_pull`: received and dropped, as by a mapping with more pollers than the function has room; the receive count is spent.
 * - `expire`: visible again while the function works on it.
 */
export class FaultyQueue implements QueueConsumer {
  readonly queueArn: string
  readonly #options: FaultyQueueOptions
  readonly #via: 'fifo queue' | 'standard queue'
  #held: readonly HeldMessage[] = []
  #deliveries = 0

  constructor(options: FaultyQueueOptions) {
    this.queueArn = options.queue.queueArn
    this.#options = options
    this.#via = this.queueArn.endsWith('.fifo') ? 'fifo queue' : 'standard queue'
  }

  async receive(
    limit: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<readonly ReceivedMessage[]> {
    const { queue, clock } = this.#options
    const due = this.#due(limit)
    if (due.length > 0) return due
    const next = Math.min(...this.#held.map(({ dueAt }) => dueAt))
    const wait = Math.min(waitSeconds, Math.ceil((next - clock.now()) / 1_000))
    const messages = await queue.receive(limit, wait, signal)
    return messages.length > 0 ? this.#handOut(messages) : this.#due(limit)
  }

  delete(receiptHandles: readonly string[]): Promise<void> {
    return this.#options.queue.delete(receiptHandles)
  }

  async #handOut(messages: readonly ReceivedMessage[]): Promise<readonly ReceivedMessage[]> {
    const { plan, source, visibility } = this.#options
    this.#deliveries += 1
    const fault = plan.deliveryFaultFor({ via: this.#via, source, nth: this.#deliveries })
    switch (fault?.kind) {
      case 'duplicate':
        this.#hold(messages, fault.ms)
        return messages
      case 'late':
        this.#hold(messages, fault.ms)
        return []
      case 'shuffle':
        return seededShuffle(messages, fault.salt)
      case 'over_pull':
        return []
      case 'expire':
        for (const { ReceiptHandle } of messages) await visibility.changeVisibility(ReceiptHandle, 0)
        return messages
      default:
        return messages
    }
  }

  #hold(messages: readonly ReceivedMessage[], ms: number): void {
    const dueAt = this.#options.clock.now() + ms
    this.#held = [...this.#held, ...messages.map((message) => ({ message, dueAt }))]
  }

  #due(limit: number): readonly ReceivedMessage[] {
    const now = this.#options.clock.now()
    const due = this.#held.filter(({ dueAt }) => dueAt <= now).slice(0, limit)
    this.#held = this.#held.filter((held) => !due.includes(held))
    return due.map(({ message }) => message)
  }
}
