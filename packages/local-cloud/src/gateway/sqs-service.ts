import { arnOf, type Environment } from '../arn.ts'
import type { EngineClient } from './engine-client.ts'
import {
  type JsonObject,
  type JsonService,
  type ServiceAnswer,
  ServiceFaultError,
} from './gateway-service.ts'
import {
  type DeliveredMessage,
  type OutgoingMessage,
  type SentMessage,
  withCarrier,
  withoutCarrier,
  withSentDigests,
} from './trace-attribute.ts'

const targetPrefix = 'AmazonSQS.'

/** Operations on one queue, with the IAM action of each: a batch is no action of its own. */
const queueActions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    SendMessage: 'SendMessage',
    SendMessageBatch: 'SendMessage',
    ReceiveMessage: 'ReceiveMessage',
    DeleteMessage: 'DeleteMessage',
    DeleteMessageBatch: 'DeleteMessage',
    ChangeMessageVisibility: 'ChangeMessageVisibility',
    ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
    GetQueueAttributes: 'GetQueueAttributes',
    GetQueueUrl: 'GetQueueUrl',
    PurgeQueue: 'PurgeQueue',
  }),
)

type BatchEntry = OutgoingMessage & { readonly Id: string }

/**
 * SQS in front of its engine. Queue URLs are those of the gateway, which listens at `endpoint`; the system attribute
 * AWSTraceHeader, which the engine does not know, arrives with its message all the same.
 */
export const sqsService = (engine: EngineClient, environment: Environment, endpoint: string): JsonService => {
  const ownUrl = (engineUrl: string): string => {
    const queueName = engineUrl.slice(engineUrl.lastIndexOf('/') + 1)
    return `${endpoint}/${environment.account}/${queueName}`
  }

  /** Calls the engine and lets `edit` change a successful answer. */
  const call = async <Output>(
    operation: string,
    input: object,
    edit: (output: Output) => object,
  ): Promise<ServiceAnswer> => {
    const answer = await engine.send(targetPrefix + operation, JSON.stringify(input))
    if (answer.status !== 200) return answer
    return { ...answer, body: JSON.stringify(edit(JSON.parse(answer.body.toString()) as Output)) }
  }

  return {
    name: 'sqs',
    contentType: 'application/x-amz-json-1.0',
    targetPrefix,

    actionsOf: (operation, input) => {
      if (operation === 'ListQueues') return [{ action: 'sqs:ListQueues', resource: '*' }]
      const action = queueActions.get(operation)
      if (!action) return undefined
      return [{ action: `sqs:${action}`, resource: arnOf(environment, 'sqs', queueNameOf(operation, input)) }]
    },

    perform: async (operation, input, body) => {
      switch (operation) {
        case 'SendMessage':
          return call<SentMessage>(operation, withCarrier(input), (sent) => withSentDigests(sent, input))
        case 'SendMessageBatch': {
          const entries: readonly BatchEntry[] = Array.isArray(input.Entries) ? input.Entries : []
          const sentEntry = (id: string) => entries.find((entry) => entry.Id === id) ?? {}
          return call<{ Successful?: readonly (SentMessage & { readonly Id: string })[] }>(
            operation,
            { ...input, Entries: entries.map(withCarrier) },
            (output) => ({
              ...output,
              Successful: (output.Successful ?? []).map((sent) => withSentDigests(sent, sentEntry(sent.Id))),
            }),
          )
        }
        case 'ReceiveMessage':
          return call<{ Messages?: readonly DeliveredMessage[] }>(
            operation,
            { ...input, MessageAttributeNames: ['All'] },
            ({ Messages }) =>
              Messages ? { Messages: Messages.map((message) => withoutCarrier(message, input)) } : {},
          )
        case 'GetQueueUrl':
          return call<{ QueueUrl: string }>(operation, input, ({ QueueUrl }) => ({
            QueueUrl: ownUrl(QueueUrl),
          }))
        case 'ListQueues':
          return call<{ QueueUrls?: readonly string[] }>(operation, input, ({ QueueUrls = [], ...rest }) => ({
            ...rest,
            QueueUrls: QueueUrls.map(ownUrl),
          }))
        default:
          return engine.send(targetPrefix + operation, body)
      }
    },

    // Clients read an SQS error's code from here: the name that it had in SQS's older protocol.
    faultHeaders: ({ code, status }) => ({
      'x-amzn-query-error': `${code};${status >= 500 ? 'Receiver' : 'Sender'}`,
    }),
  }
}

const queueNameOf = (operation: string, input: JsonObject): string => {
  const { QueueUrl, QueueName } = input
  const name =
    operation === 'GetQueueUrl'
      ? QueueName
      : String(QueueUrl ?? '')
          .split('/')
          .at(-1)
  if (typeof name === 'string' && name !== '') return name
  throw new ServiceFaultError({
    status: 400,
    code: 'MissingParameter',
    message: `The request must contain the parameter ${operation === 'GetQueueUrl' ? 'QueueName' : 'QueueUrl'}.`,
  })
}
