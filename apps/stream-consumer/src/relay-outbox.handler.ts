import { DynamoDbOutboxStore } from '@stockroom/adapters/dynamodb/dynamodb-outbox-store'
import { SqsEventPublisher } from '@stockroom/adapters/sqs/sqs-event-publisher'
import { dynamoDbClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { makeRelay } from '@stockroom/outbox/relay'
import * as z from 'zod/mini'
import { relayOutboxFunction } from './relay-outbox-function.ts'

/** relay-outbox-function.ts over DynamoDB and SQS. */
const env = environment(z.object({ OUTBOX_TABLE_NAME: z.string(), EVENTS_QUEUE_URL: z.url() }))
const store = new DynamoDbOutboxStore(dynamoDbClient(), env.OUTBOX_TABLE_NAME)
const publisher = new SqsEventPublisher(sqsClient(), env.EVENTS_QUEUE_URL)

export const handler = relayOutboxFunction(makeRelay({ publisher, store }))
