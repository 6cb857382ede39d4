import type { DynamoDBRecord } from 'aws-lambda'
import { type Clock, pause } from '../clock.ts'
import type { InvocableFunction, Invocation } from '../lambda/invocation.ts'
import { backoffMs } from './backoff.ts'
import { judgeBatch } from './batch-verdict.ts'
import type { EventSourceFact } from './event-source-observer.ts'
import type { StreamFailure } from './stream-failure.ts'

export interface StreamRetryPolicy {
  /** -1 to 10,000; -1 means for ever. */
  readonly maximumRetryAttempts: number
  /** -1 or 60 to 604,800; -1 means for ever. */
  readonly maximumRecordAgeInSeconds: number
  readonly bisectBatchOnFunctionError: boolean
  readonly reportsBatchItemFailures: boolean
}

export interface StreamBatchDependencies {
  readonly function: InvocableFunction
  readonly clock: Clock
  readonly stopping: AbortSignal
  readonly report: (fact: EventSourceFact) => void
  /** Never rejects. */
  readonly giveUp: (
    failure: Pick<StreamFailure, 'condition' | 'records' | 'invocations' | 'invocation'>,
  ) => Promise<void>
}

/** A batch with its history; the parts of a split batch inherit it. */
interface Attempt {
  readonly records: readonly DynamoDBRecord[]
  readonly retries: number
  readonly throttles: number
  readonly invocations: number
  readonly invocation: Invocation | undefined
}

/**
 * Delivers one batch of one shard with Lambda's rewind semantics. Resolves with true when every record of it succeeded or was given
 * up, with false when `stopping` aborted before.
 *
 * The lowest reported record is the checkpoint: everything from it on comes again, successes included. Splitting a batch does not
 * consume the retry quota (services-ddb-batchfailurereporting), throttling does not either (services-dynamodb-errors).
 */
export const deliverStreamBatch = async (
  records: readonly DynamoDBRecord[],
  policy: StreamRetryPolicy,
  dependencies: StreamBatchDependencies,
): Promise<boolean> => {
  const { clock, stopping, report, giveUp, function: target } = dependencies
  // A stack: the first half of a split batch is done with before the second begins.
  const open: Attempt[] = [{ records, retries: 0, throttles: 0, invocations: 0, invocation: undefined }]

  for (let attempt = open.pop(); attempt; attempt = open.pop()) {
    if (stopping.aborted) return false
    const [expired, current] = partitionByAge(attempt.records, policy.maximumRecordAgeInSeconds, clock.now())
    if (expired.length > 0) {
      await giveUp({ ...attempt, condition: 'MaximumRecordAgeExceeded', records: expired })
    }
    if (current.length === 0) continue

    const invocation = await target.invoke({ Records: current })
    const identifiers = current.map((record) => record.dynamodb?.SequenceNumber ?? '')
    const verdict = judgeBatch(invocation, identifiers, policy.reportsBatchItemFailures)
    report({
      kind: 'invoked',
      records: current.length,
      verdict: verdict.kind,
      ...(verdict.kind === 'failed' && { reason: verdict.reason }),
    })
    if (verdict.kind === 'succeeded') continue

    if (verdict.kind === 'throttled') {
      await pause(clock, backoffMs(attempt.throttles, firstBackoffMs, longestBackoffMs), stopping)
      open.push({ ...attempt, records: current, throttles: attempt.throttles + 1, invocation })
      continue
    }

    const checkpoint =
      verdict.kind === 'partial' ? identifiers.findIndex((identifier) => verdict.failed.has(identifier)) : 0
    const failed = {
      ...attempt,
      records: current.slice(checkpoint),
      invocations: attempt.invocations + 1,
      invocation,
    }
    const half = Math.ceil(current.length / 2)
    if (policy.bisectBatchOnFunctionError && verdict.kind === 'partial' && checkpoint > 0) {
      open.push(failed)
    } else if (policy.bisectBatchOnFunctionError && verdict.kind === 'failed' && half < current.length) {
      open.push({ ...failed, records: current.slice(half) }, { ...failed, records: current.slice(0, half) })
    } else if (policy.maximumRetryAttempts >= 0 && attempt.retries >= policy.maximumRetryAttempts) {
      await giveUp({ ...failed, condition: 'RetryAttemptsExhausted' })
    } else {
      await pause(clock, backoffMs(attempt.retries, firstBackoffMs, longestBackoffMs), stopping)
      open.push({ ...failed, retries: attempt.retries + 1 })
    }
  }
  return true
}

/** AWS backs off exponentially and does not say how; these keep a local run quick without spinning. */
const firstBackoffMs = 100
const longestBackoffMs = 30_000

const partitionByAge = (
  records: readonly DynamoDBRecord[],
  maximumAgeSeconds: number,
  now: number,
): [expired: readonly DynamoDBRecord[], current: readonly DynamoDBRecord[]] => {
  if (maximumAgeSeconds < 0) return [[], records]
  const isExpired = (record: DynamoDBRecord) =>
    ((record.dynamodb?.ApproximateCreationDateTime ?? 0) + maximumAgeSeconds) * 1_000 < now
  return [records.filter(isExpired), records.filter((record) => !isExpired(record))]
}
