import { type ServiceInputTypes, type ServiceOutputTypes, SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod/mini'

const Attributes = z.record(
  z.string(),
  z.object({ DataType: z.optional(z.string()), StringValue: z.optional(z.string()) }),
)
const Send = z.object({
  QueueUrl: z.string(),
  MessageBody: z.string(),
  MessageAttributes: z._default(Attributes, {}),
  MessageSystemAttributes: z._default(Attributes, {}),
  MessageGroupId: z.optional(z.string()),
  MessageDeduplicationId: z.optional(z.string()),
})
const Receive = z.object({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z.int(),
  VisibilityTimeout: z.int(),
})
const Delete = z.object({ QueueUrl: z.string(), ReceiptHandle: z.string() })
const Show = z.object({
  QueueUrl: z.string(),
  Entries: z.array(z.object({ ReceiptHandle: z.string() })),
})

/** A message as it lies in a queue of {@link InMemorySqs}. */
export interface LyingMessage {
  readonly id: string
  readonly input: z.infer<typeof Send>
  readonly sentAt: number
  visibleAt: number
  receives: number
}

const deduplicationMilliseconds = 300_000

/**
 * SQS for tests, behind its own client, on a clock of the test's: visibility, FIFO groups, five minutes of deduplication. A queue whose URL ends in
 * `.fifo` is one. `intrude` sees each call before its effect and after it, and may throw: the process dies there.
 */
export class InMemorySqs {
  readonly client = new SQSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  })
  now = Date.parse('2026-11-23T09:00:00Z')
  intrude: (operation: string, when: 'before' | 'after') => void = () => {}
  readonly #queues = new Map<string, LyingMessage[]>()
  readonly #deduplicated = new Map<string, { readonly id: string; readonly until: number }>()
  #ids = 0

  constructor() {
    this.client.middlewareStack.add(
      (_, { commandName = '' }) =>
        async ({ input }) => {
          const operation = commandName.replace(/Command$/, '')
          this.intrude(operation, 'before')
          const output = this.#perform(operation, input)
          this.intrude(operation, 'after')
          return { output: { $metadata: {}, ...output }, response: {} }
        },
      { step: 'initialize', priority: 'high' },
    )
  }

  /** The messages of a queue, hidden ones too, in their order. */
  queue(url: string): LyingMessage[] {
    const queue = this.#queues.get(url) ?? []
    this.#queues.set(url, queue)
    return queue
  }

  #perform(operation: string, input: ServiceInputTypes): Omit<ServiceOutputTypes, '$metadata'> {
    switch (operation) {
      case 'SendMessage':
        return { MessageId: this.#send(Send.parse(input)) }
      case 'ReceiveMessage':
        return { Messages: this.#receive(Receive.parse(input)) }
      case 'DeleteMessage': {
        const { QueueUrl, ReceiptHandle } = Delete.parse(input)
        const kept = this.queue(QueueUrl).filter((message) => handleOf(message) !== ReceiptHandle)
        this.#queues.set(QueueUrl, kept)
        return {}
      }
      case 'ChangeMessageVisibilityBatch': {
        const { QueueUrl, Entries } = Show.parse(input)
        for (const message of this.queue(QueueUrl))
          if (Entries.some(({ ReceiptHandle }) => ReceiptHandle === handleOf(message)))
            message.visibleAt = this.now
        return {}
      }
      case 'GetQueueAttributes': {
        const queue = this.queue(z.parse(z.object({ QueueUrl: z.string() }), input).QueueUrl)
        const visible = queue.filter(({ visibleAt }) => visibleAt <= this.now).length
        return {
          Attributes: {
            ApproximateNumberOfMessages: String(visible),
            ApproximateNumberOfMessagesNotVisible: String(queue.length - visible),
          },
        }
      }
      default:
        throw new Error(`${operation} is not known here`)
    }
  }

  #send(input: z.infer<typeof Send>): string {
    const { QueueUrl, MessageDeduplicationId } = input
    const key = MessageDeduplicationId === undefined ? undefined : `${QueueUrl} ${MessageDeduplicationId}`
    const known = key === undefined ? undefined : this.#deduplicated.get(key)
    if (known !== undefined && known.until > this.now) return known.id
    this.#ids += 1
    const id = `message-${this.#ids}`
    if (key !== undefined) this.#deduplicated.set(key, { id, until: this.now + deduplicationMilliseconds })
    this.queue(QueueUrl).push({ id, input, sentAt: this.now, visibleAt: this.now, receives: 0 })
    return id
  }

  #receive({ QueueUrl, MaxNumberOfMessages, VisibilityTimeout }: z.infer<typeof Receive>) {
    const queue = this.queue(QueueUrl)
    const hidden = queue.filter(({ visibleAt }) => visibleAt > this.now)
    const locked = new Set(QueueUrl.endsWith('.fifo') ? hidden.map(({ input }) => input.MessageGroupId) : [])
    return queue
      .filter(({ visibleAt, input }) => visibleAt <= this.now && !locked.has(input.MessageGroupId))
      .slice(0, MaxNumberOfMessages)
      .map((message) => {
        message.visibleAt = this.now + VisibilityTimeout * 1_000
        message.receives += 1
        const {
          MessageBody,
          MessageAttributes,
          MessageSystemAttributes,
          MessageGroupId,
          MessageDeduplicationId,
        } = message.input
        return {
          MessageId: message.id,
          ReceiptHandle: handleOf(message),
          Body: MessageBody,
          MessageAttributes,
          Attributes: {
            SentTimestamp: String(message.sentAt),
            ApproximateReceiveCount: String(message.receives),
            ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
            ...(MessageDeduplicationId === undefined ? {} : { MessageDeduplicationId }),
            ...(MessageSystemAttributes.AWSTraceHeader?.StringValue === undefined
              ? {}
              : { AWSTraceHeader: MessageSystemAttributes.AWSTraceHeader.StringValue }),
          },
        }
      })
  }
}

const handleOf = ({ id, receives }: LyingMessage): string => `${id}/${receives}`
