import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { Busy } from '@stockroom/domain/busy'
import { defaultRetryBudget, type RetryBudget } from './transact.ts'

/** BatchGetItem takes 100 keys, each once (API reference, "BatchGetItem"). */
const maxKeys = 100

/**
 * Reads items consistently, in no order; those that do not exist are absent. Keys that DynamoDB leaves unprocessed, which it
 * does without an error, are asked for again with full jitter. @throws Busy when they outlast the budget.
 */
export const batchGet = async (
  client: DynamoDBClient,
  tableName: string,
  keys: readonly { readonly pk: string; readonly sk: string }[],
  budget: RetryBudget = defaultRetryBudget,
): Promise<Record<string, unknown>[]> => {
  const deadline = budget.now() + budget.milliseconds
  const items: Record<string, unknown>[] = []
  for (let start = 0; start < keys.length; start += maxKeys) {
    let wanted: Record<string, AttributeValue>[] = keys
      .slice(start, start + maxKeys)
      .map((key) => marshall(key))
    for (let attempt = 0; ; attempt++) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: true } } }),
      )
      items.push(...(Responses?.[tableName] ?? []).map((item) => unmarshall(item)))
      wanted = UnprocessedKeys?.[tableName]?.Keys ?? []
      if (wanted.length === 0) break
      const wait = budget.random() * Math.min(1_000, 25 * 2 ** attempt)
      if (budget.now() + wait > deadline) throw new Busy('The store')
      await budget.pause(wait)
    }
  }
  return items
}
