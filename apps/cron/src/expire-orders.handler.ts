import { DynamoDbOrderRepository } from '@stockroom/adapters/dynamodb/dynamodb-order-repository'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { makeExpireOrders } from '@stockroom/domain/order/expire-orders'
import { dynamoDbClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { invocationDeadline } from '@stockroom/lambda/invocation'
import * as z from 'zod/mini'
import { expireOrdersFunction } from './expire-orders-function.ts'

/** expire-orders-function.ts over DynamoDB. */
const env = environment(z.object({ SHOP_TABLE_NAME: z.string(), OUTBOX_TABLE_NAME: z.string() }))
const clock = { now: () => new Date() }
const orders = new DynamoDbOrderRepository({
  client: dynamoDbClient(),
  shopTable: env.SHOP_TABLE_NAME,
  outboxTable: env.OUTBOX_TABLE_NAME,
  clock,
})
const expireOrders = makeExpireOrders({ orders, ids: new UlidIds(clock), clock })

/** Time that a transaction in progress may still need. */
const reserveMilliseconds = 10_000

export const handler = expireOrdersFunction(expireOrders, () => invocationDeadline(reserveMilliseconds))
