import type { JsonObject } from './gateway-service.ts'

/** The name of the partition key of a table or of one of its indexes; undefined for one that nobody knows. */
export type PartitionKeys = (table: string, index?: string) => string | undefined

/** The partition key's value in an item or a key, as the condition key dynamodb:LeadingKeys has it; empty without. */
export const keyValue = (item: unknown, partitionKey: string | undefined): readonly string[] => {
  if (partitionKey === undefined || typeof item !== 'object' || item === null) return []
  const attribute: unknown = (item as JsonObject)[partitionKey]
  if (typeof attribute !== 'object' || attribute === null) return []
  // {"S": "x"}, {"N": "1"}, {"B": "base64"}: a key has no other types.
  return Object.values(attribute).filter((value) => typeof value === 'string')
}

/** The partition key that a Query asks for by its KeyConditionExpression. */
export const queriedKey = (input: JsonObject, partitionKey: string | undefined): readonly string[] => {
  const { KeyConditionExpression: expression, ExpressionAttributeNames, ExpressionAttributeValues } = input
  if (typeof expression !== 'string' || partitionKey === undefined) return []
  for (const [, name = '', placeholder = ''] of expression.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)) {
    const attribute = name.startsWith('#') ? member(ExpressionAttributeNames, name) : name
    if (attribute !== partitionKey) continue
    return keyValue({ [partitionKey]: member(ExpressionAttributeValues, placeholder) }, partitionKey)
  }
  return []
}

const member = (object: unknown, name: string): unknown =>
  typeof object === 'object' && object !== null ? (object as JsonObject)[name] : undefined
