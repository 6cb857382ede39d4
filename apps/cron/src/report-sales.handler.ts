import { DynamoDbPaidOrders } from '@stockroom/adapters/dynamodb/dynamodb-paid-orders'
import { DynamoDbProductRepository } from '@stockroom/adapters/dynamodb/dynamodb-product-repository'
import { DynamoDbWatermarks } from '@stockroom/adapters/dynamodb/dynamodb-watermarks'
import { S3SalesReports } from '@stockroom/adapters/s3/s3-sales-reports'
import { makeReportSales } from '@stockroom/domain/report/report-sales'
import { UtcDay } from '@stockroom/domain/report/utc-day'
import { dynamoDbClient, s3Client } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { makeIdempotentEffect } from '@stockroom/lambda/idempotent-effect'
import { invocationDeadline } from '@stockroom/lambda/invocation'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { scheduleFunction } from '@stockroom/lambda/schedule-function'
import * as z from 'zod/mini'

/**
 * Trigger: every night, when the day before is over for certain. A run that fails is tried again and goes on from the watermark; a tick that
 * is delivered twice is answered from the first run, which saves work and protects nothing: two runs at once would write the same files.
 */
const env = environment(
  z.object({
    SHOP_TABLE_NAME: z.string(),
    IDEMPOTENCY_TABLE_NAME: z.string(),
    EXPORTS_BUCKET_NAME: z.string(),
  }),
)
const clock = { now: () => new Date() }
const client = dynamoDbClient()
const shop = { client, shopTable: env.SHOP_TABLE_NAME }
const once = makeIdempotentEffect(client, env.IDEMPOTENCY_TABLE_NAME)
const reportSales = makeReportSales({
  paidOrders: new DynamoDbPaidOrders(shop),
  products: new DynamoDbProductRepository(shop),
  reports: new S3SalesReports({ client: s3Client(), exportsBucket: env.EXPORTS_BUCKET_NAME, clock }),
  watermarks: new DynamoDbWatermarks(shop),
  clock,
})

/** Time that one day may need. */
const reserveMilliseconds = 120_000

export const handler = scheduleFunction(async (scheduledAt) => {
  const deadline = invocationDeadline(reserveMilliseconds)
  const key = scheduledAt.toISOString()
  const run = await once(
    { merchant: '*', principal: 'scheduler', route: 'report-sales', key, fingerprint: key },
    z.array(UtcDay),
    async () => [...(await reportSales({ scheduledAt, deadline }))],
  )
  // The other run may be dead. Failing asks Lambda to come again; by the second retry the record of a dead run has ended.
  if (run.outcome === 'in_progress')
    throw new Error(`the run of ${key} is in progress, or died less than a timeout ago`)
  if (run.outcome === 'performed') count('SalesDayReported', run.result.length)
  logger.info('Sales reports', run)
})
