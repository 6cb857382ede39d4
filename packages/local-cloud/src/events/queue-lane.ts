import { createHash } from 'node:crypto'
import { digestOf } from '../gateway/message-attributes.ts'
import type { OutgoingMessage, ReceivedMessage } from './queue-transport.ts'

/** A message in a queue in memory. Times are milliseconds since the epoch. */
export interface QueuedMessage {
  readonly messageId: string
  readonly sent: OutgoingMessage
  /** Only in FIFO queues. */
  readonly deduplicationId: string | undefined
  readonly sequenceNumber: string
  /** When it came into the first queue that it was in. */
  readonly sentAt: number
  readonly expiresAt: number
  /** ARN of the queue that gave it up, in a dead-letter queue. */
  readonly movedFrom: string | undefined
  /** Of its newest receive; older ones hold nothing. */
  receiptHandle: string | undefined
  visibleAt: number
  receiveCount: number
  firstReceivedAt: number | undefined
}

/** Messages that keep their order: a FIFO group, or one message of a standard queue. What was received once stands first. */
export interface QueueLane {
  readonly key: string
  readonly messages: QueuedMessage[]
}

/** In flight messages keep the others of their group back (SQS guide, using-messagegroupid-property). */
export const isLocked = ({ messages }: QueueLane, now: number): boolean => {
  for (const { receiveCount, visibleAt } of messages) {
    if (receiveCount === 0) return false
    if (visibleAt > now) return true
  }
  return false
}

/** When something changes in the lane by time alone; infinite when nothing does. */
export const nextChangeOf = ({ messages }: QueueLane, now: number): number => {
  let next = Number.POSITIVE_INFINITY
  for (const { receiveCount, visibleAt } of messages) {
    if (visibleAt > now) next = Math.min(next, visibleAt)
    if (receiveCount === 0) break
  }
  return next
}

/** The message as ReceiveMessage returns it, with all its attributes. */
export const receivedMessage = (message: QueuedMessage, receiptHandle: string): ReceivedMessage => {
  const { messageId, sent, deduplicationId, movedFrom } = message
  const digest = digestOf(sent.attributes ?? {})
  return {
    MessageId: messageId,
    ReceiptHandle: receiptHandle,
    Body: sent.body,
    MD5OfBody: createHash('md5').update(sent.body).digest('hex'),
    ...(digest !== undefined && { MD5OfMessageAttributes: digest }),
    Attributes: {
      SenderId: 'local',
      SentTimestamp: String(message.sentAt),
      ApproximateReceiveCount: String(message.receiveCount),
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
      ...(sent.groupId !== undefined && { MessageGroupId: sent.groupId }),
      ...(deduplicationId !== undefined && {
        MessageDeduplicationId: deduplicationId,
        SequenceNumber: message.sequenceNumber,
      }),
      ...(movedFrom !== undefined && { DeadLetterQueueSourceArn: movedFrom }),
    },
    ...(digest !== undefined && sent.attributes && { MessageAttributes: sent.attributes }),
  }
}
