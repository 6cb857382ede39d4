import { DynamoDbUploadRepository } from '@stockroom/adapters/dynamodb/dynamodb-upload-repository'
import { S3DeliveryFiles } from '@stockroom/adapters/s3/s3-delivery-files'
import { readDeliveryFileKey } from '@stockroom/adapters/s3/upload-object-keys'
import { SqsChunkQueue } from '@stockroom/adapters/sqs/sqs-chunk-queue'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { makePlanUpload } from '@stockroom/domain/upload/plan-upload'
import { dynamoDbClient, s3Client, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { queueFunction } from '@stockroom/lambda/queue-function'
import * as z from 'zod/mini'
import { createdKeys, S3Notification } from './s3-notification.ts'

/**
 * Trigger: the uploads queue, to which S3 tells of new objects. A message that fails comes back and at last lies in the DLQ; until then
 * its upload waits. Next stop of an upload: import-chunk.handler.ts, by the chunks queue.
 */
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

export const handler = queueFunction({ body: S3Notification }, async ({ body }) => {
  for (const key of createdKeys(body)) {
    const address = readDeliveryFileKey(key)
    // No form allows it, so somebody else writes to this bucket: the message is kept for a person to look at.
    if (address === undefined) throw new Error(`${key} is the key of no upload`)
    const { status, cause } = await planUpload(address)
    logger.info('Upload planned', { ...address, status, cause })
    count(status === 'refused' ? 'UploadRefused' : 'UploadPlanned')
  }
})
