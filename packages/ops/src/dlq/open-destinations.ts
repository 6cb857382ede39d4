import { DynamoDbOutboxStore } from '@stockroom/adapters/dynamodb/dynamodb-outbox-store'
import { SqsEventPublisher } from '@stockroom/adapters/sqs/sqs-event-publisher'
import { makeRelay } from '@stockroom/outbox/relay'
import type { AwsAccess } from '../aws-access.ts'
import type { Stage, StageQueue } from '../stage.ts'
import type { Destination } from './destination.ts'
import { InvocationDestination } from './invocation-destination.ts'
import { failedRun, scheduledCall } from './parked-call.ts'
import { QueueDestination } from './queue-destination.ts'
import { StreamDestination } from './stream-destination.ts'

/** The function that reads each working queue, whose log says why a message failed. */
const consumers: Readonly<Record<string, string>> = {
  Uploads: 'PlanUpload',
  Chunks: 'ImportChunk',
  Events: 'FanOutEvent',
  WebhookDeliveries: 'DeliverWebhook',
}

/** `WebhookDeliveries` as the commands name it: `webhook-deliveries`. */
const kebab = (name: string): string => name.replaceAll(/(?<=.)[A-Z]/g, '-$&').toLowerCase()

/**
 * Every place of a stage where something may be parked: a dead-letter queue per working queue, the stream's failures, what the Scheduler and what
 * Lambda gave up. @throws Error for a dead-letter queue among the outputs that nothing here knows the way home from.
 */
export const openDestinations = (
  { sqs, s3, lambda, dynamodb }: AwsAccess,
  { queues, functions, ...stage }: Stage,
): readonly Destination[] => {
  const ownFunctions = new Map(functions.map(({ name, functionName }) => [functionName, name]))
  const urlOf = (name: string): string => {
    const url = queues.find((queue) => queue.name === name)?.url
    if (url === undefined) throw new Error(`the outputs name no queue ${name}: there is no ${name}QueueUrl`)
    return url
  }
  const destinationOf = ({ name: output, url }: StageQueue): Destination => {
    const queue = output.replace(/Dlq$/, '')
    const name = kebab(queue)
    switch (queue) {
      case 'Schedules':
        return new InvocationDestination(
          { sqs, lambda },
          { name, url, functions: ownFunctions, read: scheduledCall },
        )
      case 'Runs':
        return new InvocationDestination(
          { sqs, lambda },
          { name, url, functions: ownFunctions, read: failedRun },
        )
      default: {
        const consumer = consumers[queue]
        if (consumer === undefined) throw new Error(`no way home is known from ${output}`)
        return new QueueDestination(sqs, { name, url, home: { name: queue, url: urlOf(queue) }, consumer })
      }
    }
  }
  const store = new DynamoDbOutboxStore(dynamodb, stage.OutboxTableName)
  const relay = makeRelay({ publisher: new SqsEventPublisher(sqs, urlOf('Events')), store })
  return [
    ...queues.filter(({ deadLetters }) => deadLetters).map(destinationOf),
    new StreamDestination({ s3, bucket: stage.FailuresBucketName, store, relay }),
  ]
}
