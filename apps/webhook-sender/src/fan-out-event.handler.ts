import { DynamoDbSubjectCursors } from '@stockroom/adapters/dynamodb/dynamodb-subject-cursors'
import { DynamoDbWebhookDeliveryRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-delivery-repository'
import { DynamoDbWebhookEndpointRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-endpoint-repository'
import { SqsDeliveryQueue } from '@stockroom/adapters/sqs/sqs-delivery-queue'
import { makeFanOutEvent } from '@stockroom/domain/webhook/fan-out-event'
import { dynamoDbClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import * as z from 'zod/mini'
import { fanOutEventFunction } from './fan-out-event-function.ts'

/** fan-out-event-function.ts over DynamoDB and SQS. */
const env = environment(z.object({ WEBHOOKS_TABLE_NAME: z.string(), DELIVERIES_QUEUE_URL: z.url() }))
const webhooks = { client: dynamoDbClient(), webhooksTable: env.WEBHOOKS_TABLE_NAME }
const fanOutEvent = makeFanOutEvent({
  endpoints: new DynamoDbWebhookEndpointRepository(webhooks),
  deliveries: new DynamoDbWebhookDeliveryRepository(webhooks),
  cursors: new DynamoDbSubjectCursors(webhooks),
  queue: new SqsDeliveryQueue(sqsClient(), env.DELIVERIES_QUEUE_URL),
  clock: { now: () => new Date() },
})

export const handler = fanOutEventFunction(fanOutEvent)
