import { DynamoDbOutboxStore } from '@stockroom/adapters/dynamodb/dynamodb-outbox-store'
import { SqsEventPublisher } from '@stockroom/adapters/sqs/sqs-event-publisher'
import { dynamoDbClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { invocationDeadline } from '@stockroom/lambda/invocation'
import { makeRelay } from '@stockroom/outbox/relay'
import { makeSweep } from '@stockroom/outbox/sweep'
import * as z from 'zod/mini'
import { sweepOutboxFunction } from './sweep-outbox-function.ts'

/** sweep-outbox-function.ts over DynamoDB and SQS. */
const env = environment(z.object({ OUTBOX_TABLE_NAME: z.string(), EVENTS_QUEUE_URL: z.url() }))
const store = new DynamoDbOutboxStore(dynamoDbClient(), env.OUTBOX_TABLE_NAME)
const relay = makeRelay({ publisher: new SqsEventPublisher(sqsClient(), env.EVENTS_QUEUE_URL), store })
const sweep = makeSweep({ store, relay, clock: { now: () => new Date() } })

/** Time that a page in progress may still need. */
const reserveMilliseconds = 10_000

export const handler = sweepOutboxFunction(sweep, () => invocationDeadline(reserveMilliseconds))
