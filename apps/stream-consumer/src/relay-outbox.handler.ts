import { DynamoDbOutboxStore } from '@stockroom/adapters/dynamodb/dynamodb-outbox-store'
import { SqsEventPublisher } from '@stockroom/adapters/sqs/sqs-event-publisher'
import { dynamoDbClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { streamFunction } from '@stockroom/lambda/stream-function'
import { makeRelay } from '@stockroom/outbox/relay'
import * as z from 'zod/mini'
import { makeRelayRecords } from './relay-records.ts'

/**
 * Trigger: the stream of the outbox table, from its oldest record. Records that fail come again, then bisected, then are parked in the failures bucket;
 * meanwhile the sweep publishes their envelopes. Next stop: packages/outbox/src/relay.ts.
 */
const env = environment(z.object({ OUTBOX_TABLE_NAME: z.string(), EVENTS_QUEUE_URL: z.url() }))
const store = new DynamoDbOutboxStore(dynamoDbClient(), env.OUTBOX_TABLE_NAME)
const publisher = new SqsEventPublisher(sqsClient(), env.EVENTS_QUEUE_URL)
const relayRecords = makeRelayRecords(makeRelay({ publisher, store }))

export const handler = streamFunction(async ({ Records }) => {
  const { published, failed } = await relayRecords(Records)
  count('EnvelopePublished', published.length)
  // A batch belongs to many traces: each envelope names its own.
  const envelopes = published.map(({ aggregate, seq, events: [event] }) => ({
    aggregate,
    seq,
    traceparent: event?.traceparent,
  }))
  logger.info('Envelopes published', { envelopes })
  if (failed.length > 0) logger.error('Envelopes not published', { failed })
  return { batchItemFailures: failed.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) }
})
