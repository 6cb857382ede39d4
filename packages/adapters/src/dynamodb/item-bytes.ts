import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** The size of an item as DynamoDB counts it, an upper bound for numbers (DynamoDB guide, "CapacityUnitCalculations"). For tests of what fits. */
export const itemBytes = (item: Readonly<Record<string, AttributeValue>>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0)

const valueBytes = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S)
  // Two digits a byte, and one or two more.
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 2
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + valueBytes(each), 0)
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemBytes(value.M)
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1
  throw new RangeError('No item of ours holds such a value')
}
