import { DynamoDbUploadRepository } from '@stockroom/adapters/dynamodb/dynamodb-upload-repository'
import { defaultRetryBudget } from '@stockroom/adapters/dynamodb/transact'
import { S3DeliveryFiles } from '@stockroom/adapters/s3/s3-delivery-files'
import { S3RejectFiles } from '@stockroom/adapters/s3/s3-reject-files'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { makeImportChunk } from '@stockroom/domain/upload/import-chunk'
import { dynamoDbClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { s3Client } from '@stockroom/lambda/s3-client'
import * as z from 'zod/mini'
import { importChunkFunction } from './import-chunk-function.ts'

/** import-chunk-function.ts over DynamoDB and S3. */
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

export const handler = importChunkFunction(importChunk)
