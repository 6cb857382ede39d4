import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { DeadLetter } from './dead-letter.ts'
import type { Destination, Homecoming } from './destination.ts'
import { messageSubject } from './message-subject.ts'
import { countMessages, SqsDeadLetters } from './sqs-dead-letters.ts'

/** A working queue's dead-letter queue: letters go back to the working queue as they were, body and attributes to the byte. */
export class QueueDestination extends SqsDeadLetters implements Destination {
  readonly name: string
  readonly home: string
  readonly failsIn: readonly string[]
  readonly #sqs: SQSClient
  readonly #homeUrl: string

  constructor(
    sqs: SQSClient,
    queue: {
      readonly name: string
      readonly url: string
      readonly home: { readonly name: string; readonly url: string }
      readonly consumer: string
    },
  ) {
    super(sqs, queue.url, messageSubject)
    this.name = queue.name
    this.home = `the queue ${queue.home.name}`
    this.failsIn = [queue.consumer]
    this.#sqs = sqs
    this.#homeUrl = queue.home.url
  }

  /**
   * The deduplication id is made of the dead letter's own id. The original one would let SQS swallow the message, confirmed, within five minutes of its
   * first sending, and the removal would lose it; a random one would double it when the run dies before the removal.
   */
  async bringHome({ id, body, attributes, system }: DeadLetter): Promise<Homecoming> {
    const { MessageGroupId, AWSTraceHeader } = system
    const { MessageId } = await this.#sqs.send(
      new SendMessageCommand({
        QueueUrl: this.#homeUrl,
        MessageBody: body,
        MessageAttributes: { ...attributes },
        ...(AWSTraceHeader === undefined
          ? {}
          : {
              MessageSystemAttributes: {
                AWSTraceHeader: { DataType: 'String', StringValue: AWSTraceHeader },
              },
            }),
        ...(MessageGroupId === undefined ? {} : { MessageGroupId, MessageDeduplicationId: `replay-${id}` }),
      }),
    )
    return { outcome: 'home', as: MessageId }
  }

  markOf({ id }: DeadLetter): string {
    return id
  }

  async isWorking(): Promise<boolean> {
    const { waiting, hidden } = await countMessages(this.#sqs, this.#homeUrl)
    return waiting + hidden > 0
  }
}
