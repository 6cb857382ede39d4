import { DynamoDbSubjectCursors } from '@stockroom/adapters/dynamodb/dynamodb-subject-cursors'
import { DynamoDbWebhookDeliveryRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-delivery-repository'
import { DynamoDbWebhookEndpointRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-endpoint-repository'
import { SqsDeliveryQueue } from '@stockroom/adapters/sqs/sqs-delivery-queue'
import { makeFanOutEvent } from '@stockroom/domain/webhook/fan-out-event'
import { dynamoDbClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { fifoFunction } from '@stockroom/lambda/queue-function'
import * as z from 'zod/mini'

/**
 * Trigger: the events queue (FIFO). An event that fails holds back the later ones of its aggregate, comes back, and at last lies in the
 * DLQ with its payload. Next stop of an event: deliver-webhook.handler.ts, by the deliveries queue.
 */
const env = environment(z.object({ WEBHOOKS_TABLE_NAME: z.string(), DELIVERIES_QUEUE_URL: z.url() }))
const webhooks = { client: dynamoDbClient(), webhooksTable: env.WEBHOOKS_TABLE_NAME }
const fanOutEvent = makeFanOutEvent({
  endpoints: new DynamoDbWebhookEndpointRepository(webhooks),
  deliveries: new DynamoDbWebhookDeliveryRepository(webhooks),
  cursors: new DynamoDbSubjectCursors(webhooks),
  queue: new SqsDeliveryQueue(sqsClient(), env.DELIVERIES_QUEUE_URL),
  clock: { now: () => new Date() },
})

// The use case parses: it must pass on what it does not know.
const options = {
  body: z.looseObject({ correlationid: z.optional(z.string()) }),
  correlationId: ({ correlationid }: { correlationid?: string | undefined }) => correlationid,
}

export const handler = fifoFunction(options, async ({ body, cause }) => {
  const result = await fanOutEvent(body, cause)
  logger.info('Event fanned out', {
    eventId: body.id,
    eventType: body.type,
    subject: body.subject,
    ...result,
  })
  if (result.outcome === 'fanned_out') count('WebhookDeliveryCreated', result.deliveries)
})
