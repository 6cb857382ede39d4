import type { SQSRecordAttributes } from 'aws-lambda'

/** As it stands on SQS's wire; binary values are base64. */
export interface MessageAttributeValue {
  readonly DataType: string
  readonly StringValue?: string
  readonly BinaryValue?: string
}

/** A message as ReceiveMessage returns it when all attributes are asked for. */
export interface ReceivedMessage {
  readonly MessageId: string
  readonly ReceiptHandle: string
  readonly Body: string
  readonly MD5OfBody: string
  readonly MD5OfMessageAttributes?: string
  /** The system attributes; the service sends them all because the consumer asks for all. */
  readonly Attributes: Readonly<SQSRecordAttributes>
  readonly MessageAttributes?: Readonly<Record<string, MessageAttributeValue>>
}

/** The reading side of one queue. */
export interface QueueConsumer {
  readonly queueArn: string
  /** Long poll: up to `limit` (1 to 10) messages, none after `waitSeconds` (0 to 20) or when `signal` aborts. */
  receive(limit: number, waitSeconds: number, signal: AbortSignal): Promise<readonly ReceivedMessage[]>
  /** Deletes up to 10 messages. Rejects when any of them was not deleted. */
  delete(receiptHandles: readonly string[]): Promise<void>
}

export interface OutgoingMessage {
  readonly body: string
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>
  /** Only for FIFO queues. */
  readonly groupId?: string
  /** Only for FIFO queues. Default: one that no other message has. */
  readonly deduplicationId?: string
  /** 0 to 900. Only for standard queues. */
  readonly delaySeconds?: number
}

/** The writing side of one queue. */
export interface QueueProducer {
  readonly queueArn: string
  /** Rejects with the service's error when the message was not accepted. */
  send(message: OutgoingMessage): Promise<void>
}

/** What a consumer may do with a message that it holds. */
export interface QueueVisibility {
  /**
   * The message comes back `seconds` (0 to 43,200) from now unless it is deleted before. Rejects when the handle holds no
   * message any more.
   */
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>
}
