import {
  type ChangeMessageVisibilityCommandInput,
  type MessageAttributeValue,
  type SendMessageBatchCommandInput,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { InMemoryQueue } from '@stockroom/local-cloud/events/in-memory-queue'
import type { OutgoingMessage } from '@stockroom/local-cloud/events/queue-transport'
import { failedEntries } from '@stockroom/local-cloud/faults/call-fault'
import type { ExecutionEnvironment } from './execution-environment.ts'

/** The URL under which adapters know a queue. */
export const urlOf = (queue: InMemoryQueue): string => `https://sqs.invalid/${queue.queueArn}`

type Input = SendMessageCommandInput & SendMessageBatchCommandInput & ChangeMessageVisibilityCommandInput

/** The SDK's client with queues in memory behind it, so that the adapters of SQS run as they are; each request passes the environment. */
export const sqsClientOver = (
  environment: ExecutionEnvironment,
  queues: readonly InMemoryQueue[],
): SQSClient => {
  const byUrl = new Map(queues.map((queue) => [urlOf(queue), queue]))
  const client = new SQSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'virtual', secretAccessKey: 'virtual' },
  })
  client.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async (args) => {
        const input = args.input as Input
        const queue = byUrl.get(input.QueueUrl ?? '')
        if (queue === undefined) throw new Error(`There is no queue ${input.QueueUrl}`)
        const output = await serve(environment, queue, commandName.replace(/Command$/, ''), input)
        return { output: { $metadata: {}, ...output }, response: undefined }
      },
    { step: 'initialize', priority: 'high' },
  )
  return client
}

const serve = (
  environment: ExecutionEnvironment,
  queue: InMemoryQueue,
  operation: string,
  input: Input,
): Promise<object> => {
  switch (operation) {
    case 'SendMessage':
      return environment.call<object>(operation, async () => {
        await queue.send(outgoing(input))
        return { MessageId: 'm' }
      })
    case 'SendMessageBatch':
      return environment.call<object>(operation, () => sendBatch(queue, input, new Set()), {
        partial: (salt) => sendBatch(queue, input, new Set(failedEntries(salt, input.Entries?.length ?? 0))),
      })
    case 'ChangeMessageVisibility':
      return environment.call<object>(operation, async () => {
        await queue.changeVisibility(input.ReceiptHandle ?? '', input.VisibilityTimeout ?? 0)
        return {}
      })
    default:
      throw new Error(`No function of ours calls ${operation}`)
  }
}

const sendBatch = async (
  queue: InMemoryQueue,
  { Entries = [] }: SendMessageBatchCommandInput,
  failing: ReadonlySet<number>,
): Promise<object> => {
  const [Successful, Failed]: [object[], object[]] = [[], []]
  for (const [index, entry] of Entries.entries()) {
    if (failing.has(index)) {
      Failed.push({ Id: entry.Id, Code: 'InternalError', SenderFault: false, Message: 'try again' })
    } else {
      await queue.send(outgoing(entry))
      Successful.push({ Id: entry.Id, MessageId: 'm', MD5OfMessageBody: '' })
    }
  }
  return { Successful, Failed }
}

const outgoing = ({
  MessageBody = '',
  MessageAttributes = {},
  MessageGroupId,
  MessageDeduplicationId,
}: {
  readonly MessageBody?: string | undefined
  readonly MessageAttributes?: Record<string, MessageAttributeValue> | undefined
  readonly MessageGroupId?: string | undefined
  readonly MessageDeduplicationId?: string | undefined
}): OutgoingMessage => ({
  body: MessageBody,
  attributes: Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { DataType = 'String', StringValue = '' }]) => [
      name,
      { DataType, StringValue },
    ]),
  ),
  ...(MessageGroupId !== undefined && { groupId: MessageGroupId }),
  ...(MessageDeduplicationId !== undefined && { deduplicationId: MessageDeduplicationId }),
})
