import { DynamoDbUploadRepository } from '@stockroom/adapters/dynamodb/dynamodb-upload-repository'
import { S3DeliveryFiles } from '@stockroom/adapters/s3/s3-delivery-files'
import { SqsChunkQueue } from '@stockroom/adapters/sqs/sqs-chunk-queue'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { makePlanUpload } from '@stockroom/domain/upload/plan-upload'
import { dynamoDbClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { s3Client } from '@stockroom/lambda/s3-client'
import * as z from 'zod/mini'
import { planUploadFunction } from './plan-upload-function.ts'

/** plan-upload-function.ts over DynamoDB, S3 and SQS. */
const env = environment(
  z.object({
    SHOP_TABLE_NAME: z.string(),
    OUTBOX_TABLE_NAME: z.string(),
    UPLOADS_BUCKET_NAME: z.string(),
    CHUNKS_QUEUE_URL: z.url(),
  }),
)
const clock = { now: () => new Date() }
const planUpload = makePlanUpload({
  uploads: new DynamoDbUploadRepository({
    client: dynamoDbClient(),
    shopTable: env.SHOP_TABLE_NAME,
    outboxTable: env.OUTBOX_TABLE_NAME,
    clock,
  }),
  files: new S3DeliveryFiles({ client: s3Client(), uploadsBucket: env.UPLOADS_BUCKET_NAME }),
  queue: new SqsChunkQueue({ client: sqsClient(), queueUrl: env.CHUNKS_QUEUE_URL }),
  ids: new UlidIds(clock),
  clock,
})

export const handler = planUploadFunction(planUpload)
