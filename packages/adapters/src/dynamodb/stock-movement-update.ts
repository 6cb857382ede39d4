import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { StockMovement } from '@stockroom/domain/product/product'
import { productKey } from './keys.ts'

/** From which figure to which each movement takes units. */
const flow = {
  reserve: { '#from': 'available', '#to': 'reserved' },
  sell: { '#from': 'reserved', '#to': 'sold' },
  release: { '#from': 'reserved', '#to': 'available' },
} as const satisfies Record<Exclude<StockMovement['kind'], 'receive'>, object>

/**
 * The element of a transaction that moves the stock of one sku. Its condition keeps every figure at zero or above and, for a
 * delivery, the currency the same and the figures exact. Attributes of a product: `received`, `available`, `reserved`, `sold`,
 * `name`, and its price as `amount` and `currency`, not nested, so that a condition on an item that is not there yet can name it.
 */
export const stockMovementUpdate = (
  tableName: string,
  merchant: MerchantId,
  movement: StockMovement,
): TransactWriteItem => {
  const target = { TableName: tableName, Key: marshall(productKey(merchant, movement.sku)) }
  if (movement.kind !== 'receive')
    return {
      Update: {
        ...target,
        UpdateExpression: 'SET #from = #from - :quantity, #to = #to + :quantity',
        ConditionExpression: '#from >= :quantity',
        ExpressionAttributeNames: flow[movement.kind],
        ExpressionAttributeValues: marshall({ ':quantity': movement.quantity }),
        // What is there instead comes with the refusal.
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    }

  const { quantity, name, unitPrice } = movement
  return {
    Update: {
      ...target,
      UpdateExpression: `SET ${[
        '#received = if_not_exists(#received, :zero) + :quantity',
        '#available = if_not_exists(#available, :zero) + :quantity',
        '#reserved = if_not_exists(#reserved, :zero)',
        '#sold = if_not_exists(#sold, :zero)',
        '#name = :name',
        '#amount = :amount',
        '#currency = :currency',
      ].join(', ')}`,
      ConditionExpression: 'attribute_not_exists(pk) OR (#currency = :currency AND #received <= :room)',
      ExpressionAttributeNames: {
        '#received': 'received',
        '#available': 'available',
        '#reserved': 'reserved',
        '#sold': 'sold',
        '#name': 'name',
        '#amount': 'amount',
        '#currency': 'currency',
      },
      ExpressionAttributeValues: marshall({
        ':zero': 0,
        ':quantity': quantity,
        ':name': name,
        ':amount': unitPrice.amount,
        ':currency': unitPrice.currency,
        ':room': Number.MAX_SAFE_INTEGER - quantity,
      }),
    },
  }
}
