import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '@stockroom/domain/clock'

/** The part of a stream record that names it; the rest is stored as it is. */
interface StreamRecord {
  readonly dynamodb?: { readonly SequenceNumber?: string | undefined } | undefined
}

/**
 * Stores stream records in the form and under the prefix that Lambda uses for batches which it gave up (Lambda guide, "services-dynamodb-errors"), so that
 * one reader finds both. The key is the record's own: parked twice, it is there once.
 */
export const makeParkRecord =
  ({
    client,
    failuresBucket,
    clock,
  }: {
    readonly client: S3Client
    readonly failuresBucket: string
    readonly clock: Clock
  }) =>
  async (record: StreamRecord, reason: string): Promise<void> => {
    await client.send(
      new PutObjectCommand({
        Bucket: failuresBucket,
        Key: `aws/lambda/unreadable/${record.dynamodb?.SequenceNumber ?? 'unnumbered'}`,
        ContentType: 'application/json',
        Body: JSON.stringify({
          version: '1.0',
          timestamp: clock.now().toISOString(),
          requestContext: { condition: 'UnreadableRecord', reason },
          payload: JSON.stringify({ Records: [record] }),
        }),
      }),
    )
  }
