import { DynamoDbUploadRepository } from '@stockroom/adapters/dynamodb/dynamodb-upload-repository'
import { defaultRetryBudget } from '@stockroom/adapters/dynamodb/transact'
import { S3DeliveryFiles } from '@stockroom/adapters/s3/s3-delivery-files'
import { S3RejectFiles } from '@stockroom/adapters/s3/s3-reject-files'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { UploadId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { makeImportChunk } from '@stockroom/domain/upload/import-chunk'
import { dynamoDbClient, s3Client } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { queueFunction } from '@stockroom/lambda/queue-function'
import * as z from 'zod/mini'

/**
 * Trigger: the chunks queue. A chunk that fails comes back and goes on behind the parts that it has applied; one that ends in the DLQ
 * leaves its upload importing until it is replayed. Next stop of its stock: the outbox table's stream, relay-outbox.handler.ts.
 */
const env = environment(
  z.object({
    SHOP_TABLE_NAME: z.string(),
    OUTBOX_TABLE_NAME: z.string(),
    UPLOADS_BUCKET_NAME: z.string(),
    EXPORTS_BUCKET_NAME: z.string(),
  }),
)
const clock = { now: () => new Date() }
const s3 = s3Client()
/** A third of the function's timeout: the chunks of a large file push against one partition, and giving up early would use up their receives. */
const budget = { ...defaultRetryBudget, milliseconds: 20_000 }
const importChunk = makeImportChunk({
  uploads: new DynamoDbUploadRepository({
    client: dynamoDbClient(),
    shopTable: env.SHOP_TABLE_NAME,
    outboxTable: env.OUTBOX_TABLE_NAME,
    clock,
    budget,
  }),
  files: new S3DeliveryFiles({ client: s3, uploadsBucket: env.UPLOADS_BUCKET_NAME }),
  rejectFiles: new S3RejectFiles({ client: s3, exportsBucket: env.EXPORTS_BUCKET_NAME }),
  ids: new UlidIds(clock),
  clock,
})

const ChunkMessage = z.object({
  merchant: MerchantId,
  uploadId: UploadId,
  chunk: z.int().check(z.minimum(1)),
})

export const handler = queueFunction({ body: ChunkMessage }, async ({ body, cause }) => {
  const { status } = await importChunk(body, cause)
  logger.info('Chunk imported', { ...body, status })
  count('ChunkImported')
})
