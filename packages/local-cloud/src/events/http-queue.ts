import { randomUUID } from 'node:crypto'
import type {
  OutgoingMessage,
  QueueConsumer,
  QueueProducer,
  QueueVisibility,
  ReceivedMessage,
} from './queue-transport.ts'
import { SqsCallError } from './sqs-call-error.ts'

export interface HttpQueueOptions {
  readonly queueArn: string
  /** Its origin is also the endpoint that is called. */
  readonly queueUrl: string
  /** Headers that name the caller; for the local gateway a SigV4 `Authorization`. */
  readonly headers: Readonly<Record<string, string>>
}

/** A queue behind SQS's JSON protocol. Every call rejects with `SqsCallError` when the service refuses it. */
export class HttpQueue implements QueueConsumer, QueueProducer, QueueVisibility {
  readonly queueArn: string
  readonly #options: HttpQueueOptions

  constructor(options: HttpQueueOptions) {
    this.queueArn = options.queueArn
    this.#options = options
  }

  async receive(
    limit: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<readonly ReceivedMessage[]> {
    const answer = (await this.#call(
      'ReceiveMessage',
      {
        MaxNumberOfMessages: limit,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      },
      signal,
    )) as { Messages?: readonly ReceivedMessage[] }
    return answer.Messages ?? []
  }

  async delete(receiptHandles: readonly string[]): Promise<void> {
    const answer = (await this.#call('DeleteMessageBatch', {
      Entries: receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
    })) as { Failed?: readonly { Code: string; Message?: string }[] }
    const failed = answer.Failed?.[0]
    if (failed) throw new SqsCallError('DeleteMessageBatch', failed.Code, failed.Message ?? '')
  }

  async send(message: OutgoingMessage): Promise<void> {
    await this.#call('SendMessage', {
      MessageBody: message.body,
      ...(message.attributes && { MessageAttributes: message.attributes }),
      ...(message.groupId !== undefined && {
        MessageGroupId: message.groupId,
        MessageDeduplicationId: message.deduplicationId ?? randomUUID(),
      }),
      ...(message.delaySeconds !== undefined && { DelaySeconds: message.delaySeconds }),
    })
  }

  async changeVisibility(receiptHandle: string, seconds: number): Promise<void> {
    await this.#call('ChangeMessageVisibility', { ReceiptHandle: receiptHandle, VisibilityTimeout: seconds })
  }

  async #call(action: string, input: object, signal?: AbortSignal): Promise<unknown> {
    const response = await fetch(new URL('/', this.#options.queueUrl), {
      method: 'POST',
      headers: {
        ...this.#options.headers,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${action}`,
      },
      body: JSON.stringify({ QueueUrl: this.#options.queueUrl, ...input }),
      ...(signal && { signal }),
    })
    const text = await response.text()
    if (response.ok) return JSON.parse(text === '' ? '{}' : text)
    const { __type: type, message } = JSON.parse(text) as { __type?: string; message?: string }
    throw new SqsCallError(action, type?.split('#').at(-1) ?? String(response.status), message ?? text)
  }
}
