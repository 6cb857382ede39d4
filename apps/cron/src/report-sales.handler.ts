import { DynamoDbPaidOrders } from '@stockroom/adapters/dynamodb/dynamodb-paid-orders'
import { DynamoDbProductRepository } from '@stockroom/adapters/dynamodb/dynamodb-product-repository'
import { DynamoDbWatermarks } from '@stockroom/adapters/dynamodb/dynamodb-watermarks'
import { S3SalesReports } from '@stockroom/adapters/s3/s3-sales-reports'
import { makeReportSales } from '@stockroom/domain/report/report-sales'
import { dynamoDbClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { makeIdempotentEffect } from '@stockroom/lambda/idempotent-effect'
import { invocationDeadline } from '@stockroom/lambda/invocation'
import { s3Client } from '@stockroom/lambda/s3-client'
import * as z from 'zod/mini'
import { reportSalesFunction } from './report-sales-function.ts'

/** report-sales-function.ts over DynamoDB and S3. */
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

export const handler = reportSalesFunction(reportSales, once, () => invocationDeadline(reserveMilliseconds))
