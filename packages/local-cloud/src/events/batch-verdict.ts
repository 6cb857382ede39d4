import type { Invocation } from '../lambda/invocation.ts'

/** What a function's answer to a batch means, before the event source applies its own semantics to it. */
export type BatchVerdict =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'partial'; readonly failed: ReadonlySet<string> }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'throttled' }

/**
 * Judges the answer to a batch whose records have these identifiers.
 *
 * With ReportBatchItemFailures, null, an empty object and a null or empty list mean success; an item identifier that is
 * empty, null, under another name or not of this batch, and an answer of another shape, fail the whole batch
 * (Lambda developer guide, services-sqs-errorhandling and services-ddb-batchfailurereporting). Without it, every answer is success.
 */
export const judgeBatch = (
  invocation: Invocation,
  identifiers: readonly string[],
  reportsItemFailures: boolean,
): BatchVerdict => {
  if (invocation.outcome === 'throttled') return { kind: 'throttled' }
  if (invocation.outcome === 'failed') {
    return { kind: 'failed', reason: `${invocation.errorType}: ${invocation.errorMessage}` }
  }
  if (!reportsItemFailures) return { kind: 'succeeded' }
  return judgeResponse(invocation.payload, new Set(identifiers))
}

const judgeResponse = (payload: unknown, known: ReadonlySet<string>): BatchVerdict => {
  if (payload === null || payload === undefined) return { kind: 'succeeded' }
  if (typeof payload !== 'object' || Array.isArray(payload)) {
    return { kind: 'failed', reason: 'the response is not an object' }
  }
  const items: unknown = 'batchItemFailures' in payload ? payload.batchItemFailures : null
  if (items === null || items === undefined) return { kind: 'succeeded' }
  if (!Array.isArray(items)) return { kind: 'failed', reason: 'batchItemFailures is not a list' }
  const failed = new Set<string>()
  for (const item of items as readonly unknown[]) {
    const identifier =
      typeof item === 'object' && item !== null && 'itemIdentifier' in item ? item.itemIdentifier : undefined
    if (typeof identifier !== 'string' || !known.has(identifier)) {
      return {
        kind: 'failed',
        reason: `batchItemFailures names no record of the batch: ${JSON.stringify(item)}`,
      }
    }
    failed.add(identifier)
  }
  return failed.size === 0 ? { kind: 'succeeded' } : { kind: 'partial', failed }
}
