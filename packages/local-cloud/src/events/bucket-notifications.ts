import { randomUUID } from 'node:crypto'
import { type Clock, pause } from '../clock.ts'
import { backoffMs } from './backoff.ts'
import type { EventSourceFact, EventSourceObserver } from './event-source-observer.ts'
import type { ObjectEvent, ObjectEventName } from './object-event.ts'
import type { QueueProducer } from './queue-transport.ts'
import { type NotifyingBucket, s3EventMessage, s3TestMessage } from './s3-event-message.ts'

/** One queue configuration of a bucket. Only queues are emulated as destinations. */
export interface BucketNotification {
  /** `configurationId` in the messages. Default: made up, as S3 does. */
  readonly id?: string
  /** `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete`... */
  readonly events: readonly string[]
  readonly prefix?: string
  readonly suffix?: string
  readonly queue: QueueProducer
}

type Rule = BucketNotification & { readonly id: string }

export interface BucketNotificationsDependencies {
  readonly clock: Clock
  readonly observe: EventSourceObserver
  /** Whether the queue's policy lets S3 send for this bucket: `s3.amazonaws.com`, `sqs:SendMessage`, `aws:SourceArn`. */
  readonly authorize: (queueArn: string, bucketArn: string) => boolean
}

/** A notification configuration that S3 would refuse, or that is not emulated. */
export class NotificationError extends Error {
  constructor(bucket: string, message: string) {
    super(`Notifications of bucket ${bucket}: ${message}`)
    this.name = 'NotificationError'
  }
}

const eventNames = {
  'ObjectCreated:Put': true,
  'ObjectCreated:Post': true,
  'ObjectCreated:Copy': true,
  'ObjectCreated:CompleteMultipartUpload': true,
  'ObjectRemoved:Delete': true,
  'ObjectRemoved:DeleteMarkerCreated': true,
} satisfies Record<ObjectEventName, true>

/**
 * Sends one bucket's changes to queues: at least once, without a promise of order, and only while the process lives.
 * `connect` first; then hand every change to `accept`.
 */
export class BucketNotifications {
  readonly #bucket: NotifyingBucket
  readonly #notifications: readonly Rule[]
  readonly #deps: BucketNotificationsDependencies
  readonly #stopping = new AbortController()
  readonly #deliveries = new Set<Promise<void>>()

  /** Throws a NotificationError for events that are not known, FIFO queues and rules that overlap. */
  constructor(
    bucket: NotifyingBucket,
    notifications: readonly BucketNotification[],
    dependencies: BucketNotificationsDependencies,
  ) {
    this.#bucket = bucket
    this.#notifications = notifications.map((rule, index) => ({ id: `notification-${index + 1}`, ...rule }))
    this.#deps = dependencies
    for (const [index, rule] of this.#notifications.entries()) {
      this.#validate(rule, this.#notifications.slice(0, index))
    }
  }

  /** Sends `s3:TestEvent` to every destination once; rejects with a NotificationError when S3 may not send to one. */
  async connect(): Promise<void> {
    for (const { queue } of this.#notifications) {
      if (!this.#deps.authorize(queue.queueArn, this.#bucket.arn)) {
        throw new NotificationError(
          this.#bucket.name,
          `Unable to validate the following destination configurations: ${queue.queueArn}`,
        )
      }
      await queue.send({ body: s3TestMessage(this.#bucket, this.#deps.clock.now(), randomUUID()) })
    }
  }

  /** Starts the deliveries of one change and returns at once. */
  accept(event: ObjectEvent): void {
    if (this.#stopping.signal.aborted) return
    for (const notification of this.#notifications) {
      if (!concerns(notification, event)) continue
      const delivery = this.#deliver(notification, event).finally(() => this.#deliveries.delete(delivery))
      this.#deliveries.add(delivery)
    }
  }

  /** Ends the retries; resolves when no delivery is under way. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#deliveries)
  }

  async #deliver(notification: Rule, event: ObjectEvent): Promise<void> {
    const { clock, authorize } = this.#deps
    const { signal } = this.#stopping
    const { queue } = notification
    const body = s3EventMessage(event, this.#bucket, notification.id)
    for (let retry = 0; ; retry += 1) {
      if (!authorize(queue.queueArn, this.#bucket.arn)) {
        this.#report(notification, { kind: 'discarded', records: 1, condition: 'the queue policy denies it' })
        return
      }
      try {
        return await queue.send({ body })
      } catch (error) {
        this.#report(notification, { kind: 'trouble', doing: `notify about ${event.key}`, error })
      }
      await pause(clock, backoffMs(retry, 100, 30_000), signal)
      if (signal.aborted) return
    }
  }

  #report({ id, queue }: Rule, fact: EventSourceFact): void {
    this.#deps.observe(fact, { name: id, source: this.#bucket.arn, target: queue.queueArn })
  }

  #validate(notification: Rule, earlier: readonly Rule[]): void {
    const fail = (message: string) => {
      throw new NotificationError(this.#bucket.name, message)
    }
    if (notification.queue.queueArn.endsWith('.fifo')) fail('FIFO queues are no destinations')
    for (const pattern of notification.events) {
      if (namesOf(pattern).length === 0) fail(`The event ${pattern} is not emulated`)
    }
    const overlapping = earlier.find((other) => overlap(other, notification))
    if (overlapping) fail(`${overlapping.id} and ${notification.id} overlap in events, prefix and suffix`)
  }
}

/** The events that `s3:ObjectCreated:*` or `s3:ObjectCreated:Put` stands for. */
const namesOf = (pattern: string): readonly string[] =>
  Object.keys(eventNames).filter((name) =>
    pattern.endsWith(':*') ? `s3:${name}`.startsWith(pattern.slice(0, -1)) : `s3:${name}` === pattern,
  )

const concerns = ({ events, prefix = '', suffix = '' }: BucketNotification, event: ObjectEvent): boolean =>
  event.key.startsWith(prefix) &&
  event.key.endsWith(suffix) &&
  events.some((pattern) => namesOf(pattern).includes(event.name))

/** S3 refuses two rules that could both match one key for the same event. */
const overlap = (a: BucketNotification, b: BucketNotification): boolean => {
  const [prefixA = '', prefixB = '', suffixA = '', suffixB = ''] = [a.prefix, b.prefix, a.suffix, b.suffix]
  const names = new Set(a.events.flatMap(namesOf))
  return (
    (prefixA.startsWith(prefixB) || prefixB.startsWith(prefixA)) &&
    (suffixA.endsWith(suffixB) || suffixB.endsWith(suffixA)) &&
    b.events.flatMap(namesOf).some((name) => names.has(name))
  )
}
