import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { Busy } from '@stockroom/domain/busy'
import { expect, test } from 'vitest'
import { scriptedClient } from './scripted-client.ts'
import { type RetryBudget, transact } from './transact.ts'

const cancelled = (...codes: readonly string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  })

/** Time passes only by pauses. */
const budget = (): RetryBudget & { readonly pauses: number[] } => {
  let now = 0
  const pauses: number[] = []
  return {
    milliseconds: 5_000,
    now: () => now,
    random: () => 1,
    pauses,
    pause: async (milliseconds) => {
      pauses.push(milliseconds)
      now += milliseconds
    },
  }
}

const failing = (times: number, error: Error) =>
  scriptedClient((call) => {
    if (call < times) throw error
    return {}
  })

test('conflicts and throttles are waited out, longer each time', async () => {
  for (const error of [
    cancelled('None', 'TransactionConflict'),
    cancelled('ThrottlingError'),
    cancelled('ProvisionedThroughputExceeded', 'None'),
    Object.assign(new Error(), { name: 'TransactionInProgressException' }),
  ]) {
    const time = budget()
    expect(await transact(failing(3, error), [], time)).toBeUndefined()
    expect(time.pauses).toEqual([25, 50, 100])
  }
})

test('when conflicts outlast the budget the caller is told to come back', async () => {
  const time = budget()
  await expect(transact(failing(1_000, cancelled('TransactionConflict')), [], time)).rejects.toThrow(Busy)
  expect(time.now()).toBeLessThanOrEqual(5_000)
})

test('a failed condition is told by its index, also beside a conflict', async () => {
  const client = failing(1, cancelled('None', 'ConditionalCheckFailed', 'TransactionConflict'))
  const reasons = await transact(client, [], budget())
  expect(reasons?.map(({ Code }) => Code)).toEqual(['None', 'ConditionalCheckFailed', 'TransactionConflict'])
})

test('what is neither contention nor a condition is an error', async () => {
  for (const error of [cancelled('ValidationError'), new Error('no route to host')])
    await expect(transact(failing(1, error), [], budget())).rejects.toBe(error)
})
