import {
  GetObjectCommand,
  HeadObjectCommand,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Clock } from '@stockroom/domain/clock'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { SalesReport, SalesReports, StoredReport } from '@stockroom/domain/report/sales-reports'
import type { UtcDay } from '@stockroom/domain/report/utc-day'

const linkSeconds = 5 * 60

const reportKey = (merchant: MerchantId, day: UtcDay): string => `reports/${merchant}/${day}.csv`

/** Reports in the exports bucket, one object per merchant and day; the number of rows is the object's metadata. */
export class S3SalesReports implements SalesReports {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #clock: Clock

  constructor({
    client,
    exportsBucket,
    clock,
  }: {
    readonly client: S3Client
    readonly exportsBucket: string
    readonly clock: Clock
  }) {
    this.#client = client
    this.#bucket = exportsBucket
    this.#clock = clock
  }

  async write({ merchant, day, rows, csv }: SalesReport): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: reportKey(merchant, day),
        Body: csv,
        ContentType: 'text/csv; charset=utf-8',
        ContentDisposition: `attachment; filename="sales-${day}.csv"`,
        Metadata: { rows: String(rows) },
      }),
    )
  }

  // S3 says 404 only to callers that may list the bucket, and 403 to others (S3 API reference, "HeadObject").
  async find(merchant: MerchantId, day: UtcDay): Promise<StoredReport | undefined> {
    const object = { Bucket: this.#bucket, Key: reportKey(merchant, day) }
    try {
      const { Metadata, LastModified } = await this.#client.send(new HeadObjectCommand(object))
      if (LastModified === undefined) throw new Error(`${object.Key} has no time`)
      const expiresAt = new Date(this.#clock.now().getTime() + linkSeconds * 1_000)
      const url = await getSignedUrl(this.#client, new GetObjectCommand(object), { expiresIn: linkSeconds })
      return { rows: Number(Metadata?.rows), createdAt: LastModified, url, expiresAt }
    } catch (error) {
      if (error instanceof NotFound) return undefined
      throw error
    }
  }
}
