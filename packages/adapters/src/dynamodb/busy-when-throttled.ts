import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Busy } from '@stockroom/domain/busy'

const throttles = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
])

/**
 * A client whose calls fail as Busy when DynamoDB throttles them for longer than the SDK tries: the caller may come back, nothing is wrong with
 * what it asked. Transactions are left alone; `transact.ts` tries them again itself. Changes and returns the client.
 */
export const busyWhenThrottled = (client: DynamoDBClient): DynamoDBClient => {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        try {
          return await next(args)
        } catch (error) {
          const throttled = error instanceof Error && throttles.has(error.name)
          if (throttled && commandName !== 'TransactWriteItemsCommand') throw new Busy('The store')
          throw error
        }
      },
    // Around the SDK's own retries.
    { step: 'initialize', name: 'busyWhenThrottled' },
  )
  return client
}
