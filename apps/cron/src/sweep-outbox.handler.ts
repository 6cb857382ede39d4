import { DynamoDbOutboxStore } from '@stockroom/adapters/dynamodb/dynamodb-outbox-store'
import { SqsEventPublisher } from '@stockroom/adapters/sqs/sqs-event-publisher'
import { dynamoDbClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { invocationDeadline } from '@stockroom/lambda/invocation'
import { logger } from '@stockroom/lambda/logger'
import { count, metrics } from '@stockroom/lambda/metrics'
import { scheduleFunction } from '@stockroom/lambda/schedule-function'
import { makeRelay } from '@stockroom/outbox/relay'
import { makeSweep } from '@stockroom/outbox/sweep'
import * as z from 'zod/mini'

/**
 * Trigger: every minute. Publishes what the relay missed: a stopped mapping, a parked record, a lost answer. What fails stays pending for the next run,
 * and OldestPendingSeconds tells how long it has been waiting.
 */
const env = environment(z.object({ OUTBOX_TABLE_NAME: z.string(), EVENTS_QUEUE_URL: z.url() }))
const store = new DynamoDbOutboxStore(dynamoDbClient(), env.OUTBOX_TABLE_NAME)
const relay = makeRelay({ publisher: new SqsEventPublisher(sqsClient(), env.EVENTS_QUEUE_URL), store })
const sweep = makeSweep({ store, relay, clock: { now: () => new Date() } })

/** Time that a page in progress may still need. */
const reserveMilliseconds = 10_000

export const handler = scheduleFunction(async () => {
  const deadline = invocationDeadline(reserveMilliseconds)
  const { published, unpublished, unreadable, oldestPendingSeconds } = await sweep({
    olderThanSeconds: 60,
    deadline,
  })
  count('EnvelopeSwept', published)
  metrics.addMetric('OldestPendingSeconds', 'Seconds', oldestPendingSeconds)
  for (const { envelope, reason } of unpublished)
    logger.error('Envelope not published', { aggregate: envelope.aggregate, seq: envelope.seq, reason })
  for (const row of unreadable) logger.error('Outbox row is no envelope', row)
})
