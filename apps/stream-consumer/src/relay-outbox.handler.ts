import { DynamoDbOutboxStore } from '@stockroom/adapters/dynamodb/dynamodb-outbox-store'
import { SqsEventPublisher } from '@stockroom/adapters/sqs/sqs-event-publisher'
import { dynamoDbClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { makeRelay } from '@stockroom/outbox/relay'
import * as z from 'zod/mini'
import { relayOutboxFunction } from './relay-outbox-function.ts'
import type { ParkRecord } from './relay-records.ts'

/** relay-outbox-function.ts over DynamoDB, SQS and S3. */
const env = environment(
  z.object({ OUTBOX_TABLE_NAME: z.string(), EVENTS_QUEUE_URL: z.url(), FAILURES_BUCKET_NAME: z.string() }),
)
const store = new DynamoDbOutboxStore(dynamoDbClient(), env.OUTBOX_TABLE_NAME)
const publisher = new SqsEventPublisher(sqsClient(), env.EVENTS_QUEUE_URL)

/** S3's client is loaded when the first record has to be parked, which is hardly ever. */
const park: ParkRecord = async (record, reason) => {
  const { parkInS3 } = await import('./park-in-s3.ts')
  await parkInS3(env.FAILURES_BUCKET_NAME)(record, reason)
}

export const handler = relayOutboxFunction({ relay: makeRelay({ publisher, store }), park })
