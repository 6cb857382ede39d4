import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { seededHash } from '../faults/seeded-hash.ts'
import { DeduplicationWindow } from './deduplication-window.ts'
import { isLocked, nextChangeOf, type QueuedMessage, type QueueLane, receivedMessage } from './queue-lane.ts'
import type {
  OutgoingMessage,
  QueueConsumer,
  QueueProducer,
  QueueVisibility,
  ReceivedMessage,
} from './queue-transport.ts'
import { SqsCallError } from './sqs-call-error.ts'

export interface InMemoryQueueConfig {
  /** A name that ends in `.fifo` makes it a FIFO queue. */
  readonly queueArn: string
  readonly clock: Clock
  /** Default 30. */
  readonly visibilityTimeoutSeconds?: number
  /** Default 0. */
  readonly delaySeconds?: number
  /** Default four days. */
  readonly messageRetentionSeconds?: number
  /** What was received that often and not deleted goes there instead of being received once more. */
  readonly redrive?: { readonly to: InMemoryQueue; readonly maxReceiveCount: number }
  /** FIFO: a message without a deduplication id gets its body's SHA-256 as one. */
  readonly contentBasedDeduplication?: boolean
  /** FIFO: high throughput deduplicates within a group. Default `queue`. */
  readonly deduplicationScope?: 'queue' | 'messageGroup'
}

interface Waiter {
  readonly limit: number
  readonly give: (messages: readonly ReceivedMessage[]) => void
}

/**
 * SQS in memory on a clock of the caller's, for simulations: visibility, delay, retention, redrive, FIFO groups and deduplication as
 * the SQS developer guide tells them. Everything is deterministic, ids and handles too. A long poll ends when a message comes.
 */
export class InMemoryQueue implements QueueConsumer, QueueProducer, QueueVisibility {
  readonly queueArn: string
  readonly #fifo: boolean
  readonly #config: Required<Omit<InMemoryQueueConfig, 'redrive'>>
  readonly #redrive: InMemoryQueueConfig['redrive']
  readonly #deduplication: DeduplicationWindow
  readonly #lanes = new Map<string, QueueLane>()
  /** By the receipt handle of its newest receive. */
  readonly #held = new Map<string, { readonly lane: QueueLane; readonly message: QueuedMessage }>()
  readonly #waiters = new Set<Waiter>()
  #unwatch: () => void = () => {}
  #sequence = 0

  constructor({ redrive, ...config }: InMemoryQueueConfig) {
    this.queueArn = config.queueArn
    this.#fifo = config.queueArn.endsWith('.fifo')
    this.#redrive = redrive
    this.#deduplication = new DeduplicationWindow(config.clock)
    this.#config = {
      visibilityTimeoutSeconds: 30,
      delaySeconds: 0,
      messageRetentionSeconds: 345_600,
      contentBasedDeduplication: false,
      deduplicationScope: 'queue',
      ...config,
    }
  }

  /** Everything that lies here, visible or not, for audits: a copy of the messages as they are now. */
  messages(): readonly Readonly<QueuedMessage>[] {
    const now = this.#config.clock.now()
    return [...this.#lanes.values()]
      .flatMap(({ messages }) => messages)
      .filter(({ expiresAt }) => expiresAt > now)
      .map((message) => ({ ...message }))
  }

  /** A duplicate within five minutes is accepted and forgotten, as by SQS. */
  async send(sent: OutgoingMessage): Promise<void> {
    const { clock, delaySeconds, messageRetentionSeconds, deduplicationScope } = this.#config
    const deduplicationId = this.#checked(sent)
    const scope = deduplicationScope === 'messageGroup' ? (sent.groupId ?? '') : ''
    if (deduplicationId !== undefined && !this.#deduplication.take(scope, deduplicationId)) return
    const now = clock.now()
    const sequenceNumber = this.#nextSequenceNumber()
    const queue = seededHash(this.queueArn).toString(16).padStart(8, '0')
    this.#add({
      messageId: `${queue}-0000-4000-8000-${sequenceNumber.slice(-12)}`,
      sent,
      deduplicationId,
      sequenceNumber,
      sentAt: now,
      expiresAt: now + messageRetentionSeconds * 1_000,
      movedFrom: undefined,
      receiptHandle: undefined,
      visibleAt: now + (sent.delaySeconds ?? delaySeconds) * 1_000,
      receiveCount: 0,
      firstReceivedAt: undefined,
    })
  }

  async receive(
    limit: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<readonly ReceivedMessage[]> {
    const ready = this.#take(limit)
    if (ready.length > 0 || waitSeconds === 0 || signal.aborted) {
      this.#watch()
      return ready
    }
    const { promise, resolve } = Promise.withResolvers<readonly ReceivedMessage[]>()
    const end = (): void => waiter.give([])
    const cancel = this.#config.clock.schedule(waitSeconds * 1_000, end)
    signal.addEventListener('abort', end, { once: true })
    const waiter: Waiter = {
      limit,
      give: (messages) => {
        this.#waiters.delete(waiter)
        cancel()
        signal.removeEventListener('abort', end)
        this.#watch()
        resolve(messages)
      },
    }
    this.#waiters.add(waiter)
    this.#watch()
    return promise
  }

  /**
   * A handle that a later receive replaced deletes nothing; in a FIFO queue it is an error as soon as its visibility timeout is over
   * (API reference, DeleteMessage).
   */
  async delete(receiptHandles: readonly string[]): Promise<void> {
    const now = this.#config.clock.now()
    const refused = receiptHandles.filter((handle) => {
      const held = this.#held.get(handle)
      const expired = this.#fifo && (!held || held.message.visibleAt <= now)
      if (held && !expired) this.#remove(held.lane, held.message)
      return expired
    })
    this.#serve()
    if (refused[0] === undefined) return
    throw new SqsCallError(
      'DeleteMessageBatch',
      'InvalidParameterValue',
      `Value ${refused[0]} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    )
  }

  async changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    const now = this.#config.clock.now()
    const held = this.#held.get(receiptHandle)
    const refuse = (code: string, reason: string): never => {
      throw new SqsCallError('ChangeMessageVisibility', code, reason)
    }
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > 43_200) {
      return refuse('InvalidParameterValue', `VisibilityTimeout must be from 0 to 43200, not ${seconds}.`)
    }
    if (!held) {
      return refuse(
        'InvalidParameterValue',
        `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      )
    }
    if (held.message.visibleAt <= now) return refuse('MessageNotInflight', 'The message is not in flight.')
    held.message.visibleAt = now + seconds * 1_000
    this.#serve()
  }

  /** The deduplication id of a message that SQS accepts; throws its error for one that it refuses. */
  #checked(sent: OutgoingMessage): string | undefined {
    const refuse = (code: string, message: string): never => {
      throw new SqsCallError('SendMessage', code, message)
    }
    // The characters of XML 1.0 (API reference, SendMessage).
    if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(sent.body)) {
      return refuse('InvalidMessageContents', 'The message contains characters outside the allowed set.')
    }
    if (!this.#fifo) return undefined
    if (sent.groupId === undefined) {
      return refuse('MissingParameter', 'The request must contain the parameter MessageGroupId.')
    }
    if (sent.delaySeconds !== undefined) {
      return refuse(
        'InvalidParameterValue',
        `Value ${sent.delaySeconds} for parameter DelaySeconds is invalid.`,
      )
    }
    if (sent.deduplicationId !== undefined) return sent.deduplicationId
    if (this.#config.contentBasedDeduplication) return createHash('sha256').update(sent.body).digest('hex')
    return refuse('InvalidParameterValue', 'The message has no MessageDeduplicationId.')
  }

  /** From the queue that gave it up. A standard message keeps its age, in a FIFO queue it begins anew (sqs-dead-letter-queues). */
  #adopt(message: QueuedMessage, from: string): void {
    const { clock, messageRetentionSeconds } = this.#config
    const now = clock.now()
    this.#add({
      ...message,
      sequenceNumber: this.#nextSequenceNumber(),
      expiresAt: (this.#fifo ? now : message.sentAt) + messageRetentionSeconds * 1_000,
      movedFrom: from,
      receiptHandle: undefined,
      visibleAt: now,
      receiveCount: 0,
      firstReceivedAt: undefined,
    })
  }

  #nextSequenceNumber(): string {
    this.#sequence += 1
    return String(this.#sequence).padStart(20, '0')
  }

  #add(message: QueuedMessage): void {
    const key = this.#fifo ? (message.sent.groupId ?? '') : message.messageId
    const lane = this.#lanes.get(key)
    if (lane) lane.messages.push(message)
    else this.#lanes.set(key, { key, messages: [message] })
    this.#serve()
  }

  #remove(lane: QueueLane, message: QueuedMessage): void {
    lane.messages.splice(lane.messages.indexOf(message), 1)
    if (lane.messages.length === 0) this.#lanes.delete(lane.key)
    if (message.receiptHandle !== undefined) this.#held.delete(message.receiptHandle)
  }

  #take(limit: number): readonly ReceivedMessage[] {
    const taken: ReceivedMessage[] = []
    const now = this.#config.clock.now()
    const busy: QueueLane[] = []
    for (const lane of this.#lanes.values()) {
      if (taken.length >= limit) break
      const received = this.#takeFrom(lane, limit - taken.length, now)
      taken.push(...received)
      if (received.length > 0) busy.push(lane)
    }
    // Behind the others, so that one busy group does not keep the rest waiting.
    for (const lane of busy) if (this.#lanes.delete(lane.key)) this.#lanes.set(lane.key, lane)
    return taken
  }

  #takeFrom(lane: QueueLane, limit: number, now: number): ReceivedMessage[] {
    const taken: ReceivedMessage[] = []
    while (lane.messages[0] && lane.messages[0].expiresAt <= now) this.#remove(lane, lane.messages[0])
    if (isLocked(lane, now)) return taken
    while (taken.length < limit) {
      const message = lane.messages[taken.length]
      if (!message || message.visibleAt > now) break
      if (this.#redrive && message.receiveCount >= this.#redrive.maxReceiveCount) {
        this.#remove(lane, message)
        this.#redrive.to.#adopt(message, this.queueArn)
      } else {
        taken.push(this.#hold(lane, message, now))
      }
    }
    return taken
  }

  #hold(lane: QueueLane, message: QueuedMessage, now: number): ReceivedMessage {
    if (message.receiptHandle !== undefined) this.#held.delete(message.receiptHandle)
    message.receiveCount += 1
    message.firstReceivedAt ??= now
    message.visibleAt = now + this.#config.visibilityTimeoutSeconds * 1_000
    message.receiptHandle = `${message.messageId}#${message.receiveCount}`
    this.#held.set(message.receiptHandle, { lane, message })
    return receivedMessage(message, message.receiptHandle)
  }

  /** Hands what is visible to those who wait, first to the one who has waited longest. */
  #serve(): void {
    for (const waiter of [...this.#waiters]) {
      const messages = this.#take(waiter.limit)
      if (messages.length === 0) break
      waiter.give(messages)
    }
    this.#watch()
  }

  /** While somebody waits, looks again when time makes the next message visible. */
  #watch(): void {
    this.#unwatch()
    this.#unwatch = () => {}
    if (this.#waiters.size === 0) return
    const { clock } = this.#config
    const now = clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const lane of this.#lanes.values()) next = Math.min(next, nextChangeOf(lane, now))
    if (Number.isFinite(next)) this.#unwatch = clock.schedule(next - now, () => this.#serve())
  }
}
