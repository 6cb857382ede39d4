import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { Busy } from '@stockroom/domain/busy'

/** How long a transaction may be tried again before the caller is told to come back. */
export interface RetryBudget {
  readonly milliseconds: number
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<void>
  readonly random: () => number
}

export const defaultRetryBudget: RetryBudget = {
  milliseconds: 5_000,
  now: Date.now,
  pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: Math.random,
}

const contention = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])

/**
 * Runs one TransactWriteItems. Returns `undefined` when it committed, or the cancellation reasons by index when a condition failed.
 * Conflicts and throttles are tried again with full jitter until the budget ends.
 * @throws Busy when they outlast it; the SDK's exception for everything else (a validation error is a bug).
 */
export const transact = async (
  client: DynamoDBClient,
  items: TransactWriteItem[],
  budget: RetryBudget = defaultRetryBudget,
): Promise<readonly CancellationReason[] | undefined> => {
  const deadline = budget.now() + budget.milliseconds
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }))
      return undefined
    } catch (error) {
      const reasons = retryable(error)
      if (reasons !== 'again') return reasons
      const wait = budget.random() * Math.min(1_000, 25 * 2 ** attempt)
      if (budget.now() + wait > deadline) throw new Busy('The store')
      await budget.pause(wait)
    }
  }
}

const retryable = (error: unknown): 'again' | readonly CancellationReason[] => {
  if (!(error instanceof TransactionCanceledException)) {
    const name = error instanceof Error ? error.name : ''
    if (
      name === 'TransactionInProgressException' ||
      name === 'ThrottlingException' ||
      name === 'ProvisionedThroughputExceededException'
    )
      return 'again'
    throw error
  }
  const reasons = error.CancellationReasons ?? []
  // A failed condition is a fact about committed data: it outranks contention on another item.
  if (reasons.some(({ Code }) => Code === 'ConditionalCheckFailed')) return reasons
  if (reasons.some(({ Code }) => Code !== undefined && contention.has(Code))) return 'again'
  throw error
}
