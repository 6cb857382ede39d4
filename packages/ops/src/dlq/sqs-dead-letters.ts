import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { DeadLetter, LetterSubject } from './dead-letter.ts'
import type { LetterCount } from './destination.ts'

/** How long a letter in hand is hidden from others, in seconds: ten at the slowest rate take ten. A killed run gives them back after this. */
const holdSeconds = 120
/** Asks every server of the queue instead of some, so that an empty answer means an empty queue (SQS guide, "sqs-short-and-long-polling"). */
const waitSeconds = 1

/** Messages in a queue and how many of them are hidden, approximately. */
export const countMessages = async (sqs: SQSClient, queueUrl: string): Promise<LetterCount> => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesDelayed',
        'ApproximateNumberOfMessagesNotVisible',
      ],
    }),
  )
  const figure = (name: keyof typeof Attributes) => Number(Attributes[name] ?? 0)
  return {
    waiting: figure('ApproximateNumberOfMessages') + figure('ApproximateNumberOfMessagesDelayed'),
    hidden: figure('ApproximateNumberOfMessagesNotVisible'),
  }
}

/** The reading half of every destination that is a queue. */
export class SqsDeadLetters {
  readonly #sqs: SQSClient
  readonly #queueUrl: string
  readonly #subjectOf: (letter: Omit<DeadLetter, 'subject'>) => LetterSubject

  constructor(
    sqs: SQSClient,
    queueUrl: string,
    subjectOf: (letter: Omit<DeadLetter, 'subject'>) => LetterSubject,
  ) {
    this.#sqs = sqs
    this.#queueUrl = queueUrl
    this.#subjectOf = subjectOf
  }

  count(): Promise<LetterCount> {
    return countMessages(this.#sqs, this.#queueUrl)
  }

  /** Ends when nothing comes, or nothing new: what was handed out first is visible again by then. */
  async *letters(): AsyncGenerator<readonly DeadLetter[]> {
    const seen = new Set<string>()
    for (;;) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: holdSeconds,
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      )
      const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId))
      if (fresh.length === 0) return
      for (const { MessageId = '' } of fresh) seen.add(MessageId)
      yield fresh.map((message) => this.#letterOf(message))
    }
  }

  async release(letters: readonly DeadLetter[]): Promise<void> {
    for (let start = 0; start < letters.length; start += 10)
      // An entry that fails is visible already: its time has run out.
      await this.#sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.#queueUrl,
          Entries: letters.slice(start, start + 10).map(({ receipt }, index) => ({
            Id: String(index),
            ReceiptHandle: receipt,
            VisibilityTimeout: 0,
          })),
        }),
      )
  }

  async remove({ receipt }: DeadLetter): Promise<void> {
    await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle: receipt }))
  }

  #letterOf({
    MessageId,
    ReceiptHandle,
    Body,
    Attributes = {},
    MessageAttributes = {},
  }: Message): DeadLetter {
    const letter = {
      id: MessageId ?? '',
      receipt: ReceiptHandle ?? '',
      body: Body ?? '',
      attributes: MessageAttributes,
      system: Attributes,
      sentAt: new Date(Number(Attributes.SentTimestamp)),
      receives: Number(Attributes.ApproximateReceiveCount),
    }
    return { ...letter, subject: this.#subjectOf(letter) }
  }
}
