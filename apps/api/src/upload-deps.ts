import { DynamoDbUploadRepository } from '@stockroom/adapters/dynamodb/dynamodb-upload-repository'
import { S3RejectLinks } from '@stockroom/adapters/s3/s3-reject-links'
import { S3UploadForms } from '@stockroom/adapters/s3/s3-upload-forms'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { makeGetUpload } from '@stockroom/domain/upload/get-upload'
import { makeLinkRejects } from '@stockroom/domain/upload/link-rejects'
import { makeRequestUpload } from '@stockroom/domain/upload/request-upload'
import type { dynamoDbClient } from '@stockroom/lambda/aws-clients'
import { makeIdempotentEffect } from '@stockroom/lambda/idempotent-effect'
import type { s3Client } from '@stockroom/lambda/s3-client'
import { env } from './env.ts'
import type { UploadDeps } from './routes/uploads.ts'

/** Uploads over DynamoDB and S3. */
export const uploadDeps = ({
  dynamoDb: client,
  s3,
}: {
  readonly dynamoDb: ReturnType<typeof dynamoDbClient>
  readonly s3: ReturnType<typeof s3Client>
}): UploadDeps => {
  const clock = { now: () => new Date() }
  const uploads = new DynamoDbUploadRepository({
    client,
    shopTable: env.SHOP_TABLE_NAME,
    outboxTable: env.OUTBOX_TABLE_NAME,
    clock,
  })
  const forms = new S3UploadForms({ client: s3, uploadsBucket: env.UPLOADS_BUCKET_NAME })
  const rejectLinks = new S3RejectLinks({ client: s3, exportsBucket: env.EXPORTS_BUCKET_NAME })
  return {
    requestUpload: makeRequestUpload({ uploads, forms, ids: new UlidIds(clock), clock }),
    getUpload: makeGetUpload({ uploads }),
    linkRejects: makeLinkRejects({ uploads, rejectLinks, clock }),
    once: makeIdempotentEffect(client, env.IDEMPOTENCY_TABLE_NAME),
  }
}
