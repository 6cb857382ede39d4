import type { MessageAttributeValue } from '@aws-sdk/client-sqs'

/** What a dead letter is about, as far as it can be told; a letter that cannot be read says so in `types`. */
export interface LetterSubject {
  /** Of the event, of the notification, or the function to call. A stream's object holds several. */
  readonly types: readonly string[]
  readonly merchants: readonly string[]
  readonly correlationId?: string | undefined
  /** W3C trace id, 32 hexadecimal digits. */
  readonly traceId?: string | undefined
  /** Where the letter itself says why it failed; most only lie there, and the log knows. */
  readonly error?: string | undefined
}

/** One parked item: a message of a dead-letter queue or an object of the failures bucket. */
export interface DeadLetter {
  /** What names it for people: the message id or the object's key. */
  readonly id: string
  /** Names this reading; SQS deletes by it. */
  readonly receipt: string
  readonly body: string
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>
  /** SQS's own attributes: MessageGroupId, AWSTraceHeader, … */
  readonly system: Readonly<Partial<Record<string, string>>>
  /**
   * When it was sent: for a standard queue when it first entered its working queue, for a FIFO queue when it was moved to the dead-letter queue
   * (SQS guide, "setting-up-dead-letter-queue-retention"). Its 14 days count from here.
   */
  readonly sentAt: Date
  /** How often it was received, by readers of the dead-letter queue too; undefined for an object. */
  readonly receives?: number
  readonly subject: LetterSubject
}
