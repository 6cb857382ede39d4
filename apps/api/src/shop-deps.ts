import { DynamoDbAnswerStore } from '@stockroom/adapters/dynamodb/dynamodb-answer-store'
import { DynamoDbOrderRepository } from '@stockroom/adapters/dynamodb/dynamodb-order-repository'
import { DynamoDbProductRepository } from '@stockroom/adapters/dynamodb/dynamodb-product-repository'
import { S3SalesReports } from '@stockroom/adapters/s3/s3-sales-reports'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { makeCancelOrder } from '@stockroom/domain/order/cancel-order'
import { makeGetOrder } from '@stockroom/domain/order/get-order'
import { makePayOrder } from '@stockroom/domain/order/pay-order'
import { makePlaceOrder } from '@stockroom/domain/order/place-order'
import { makeGetReport } from '@stockroom/domain/report/get-report'
import type { dynamoDbClient } from '@stockroom/lambda/aws-clients'
import type { s3Client } from '@stockroom/lambda/s3-client'
import type { Cursors } from './cursor.ts'
import { env } from './env.ts'
import type { OrderDeps } from './routes/orders.ts'
import type { ProductDeps } from './routes/products.ts'
import type { ReportDeps } from './routes/reports.ts'

export interface ShopClients {
  readonly dynamoDb: ReturnType<typeof dynamoDbClient>
  readonly s3: ReturnType<typeof s3Client>
  readonly cursors: Cursors
}

/** Orders, products and reports over DynamoDB and S3. */
export const shopDeps = ({ dynamoDb, s3, cursors }: ShopClients): OrderDeps & ProductDeps & ReportDeps => {
  const clock = { now: () => new Date() }
  const shop = { client: dynamoDb, shopTable: env.SHOP_TABLE_NAME, clock }
  const orders = new DynamoDbOrderRepository({ ...shop, outboxTable: env.OUTBOX_TABLE_NAME })
  const products = new DynamoDbProductRepository(shop)
  const reports = new S3SalesReports({ client: s3, exportsBucket: env.EXPORTS_BUCKET_NAME, clock })
  const desk = { orders, products, answers: new DynamoDbAnswerStore(shop), ids: new UlidIds(clock), clock }
  return {
    placeOrder: makePlaceOrder(desk),
    payOrder: makePayOrder(desk),
    cancelOrder: makeCancelOrder(desk),
    getOrder: makeGetOrder(desk),
    getReport: makeGetReport({ reports }),
    orders,
    products,
    cursors,
  }
}
