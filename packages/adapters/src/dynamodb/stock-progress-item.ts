import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { OrderId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { StockProgress } from '@stockroom/domain/order/long-order'
import * as z from 'zod/mini'
import { stockProgressKey } from './keys.ts'
import { dueKeys } from './order-item.ts'

interface OrderName {
  readonly merchant: MerchantId
  readonly id: OrderId
}

const Progress = z.object({
  kind: z.enum(['reserve', 'undo', 'sell', 'release']),
  reserved: z.int(),
}) satisfies z.ZodMiniType<StockProgress>

/** Reads a progress item; the functions below write it. It is a few hundred bytes, so that a step of an order of 2,000 lines does not pay for them. */
export const readProgress = (item: Parameters<typeof unmarshall>[0]): StockProgress =>
  Progress.parse(unmarshall(item))

/** The element of a transaction that begins a movement, which the clock goes on with at `dueAt` (ISO 8601) if nobody else does. */
export const putProgress = (
  tableName: string,
  order: OrderName,
  progress: StockProgress,
  dueAt: string,
): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: marshall({
      ...stockProgressKey(order.merchant, order.id),
      ...progress,
      ...dueKeys(order, dueAt),
    }),
  },
})

const isAt = ({ kind, reserved }: StockProgress) => ({
  ConditionExpression: '#kind = :kind AND #reserved = :reserved',
  names: { '#kind': 'kind', '#reserved': 'reserved' },
  values: { ':kind': kind, ':reserved': reserved },
})

/** The element of a transaction that goes from one progress to another, if it is still there; `dueAt` if the time for the clock changes with it. */
export const moveProgress = (
  tableName: string,
  order: OrderName,
  { from, to, dueAt }: { readonly from: StockProgress; readonly to: StockProgress; readonly dueAt?: string },
): TransactWriteItem => {
  const { ConditionExpression, names, values } = isAt(from)
  const due = dueAt === undefined ? undefined : dueKeys(order, dueAt).clockSort
  return {
    Update: {
      TableName: tableName,
      Key: marshall(stockProgressKey(order.merchant, order.id)),
      UpdateExpression: `SET #kind = :toKind, #reserved = :toReserved${due === undefined ? '' : ', clockSort = :due'}`,
      ConditionExpression,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: marshall(
        { ...values, ':toKind': to.kind, ':toReserved': to.reserved, ':due': due },
        { removeUndefinedValues: true },
      ),
    },
  }
}

/** The element of a transaction that ends a movement, if it is still at `from`. */
export const deleteProgress = (
  tableName: string,
  order: OrderName,
  from: StockProgress,
): TransactWriteItem => {
  const { ConditionExpression, names, values } = isAt(from)
  return {
    Delete: {
      TableName: tableName,
      Key: marshall(stockProgressKey(order.merchant, order.id)),
      ConditionExpression,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: marshall(values),
    },
  }
}
