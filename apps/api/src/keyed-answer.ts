import type { Answered } from '@stockroom/domain/idempotency/answer-once'
import { Problem } from './problem.ts'

/**
 * What to answer a keyed request with: `body` of its value under `status`, or its refusal as a problem; a replay says so in its header.
 * @throws Problem when the outcome is a refusal.
 */
export const keyedAnswer = <T, const S extends number, B>(
  { outcome, replayed }: Answered<T>,
  status: S,
  body: (value: T) => B,
) => {
  const headers: Record<string, string> = replayed ? { 'idempotency-replayed': 'true' } : {}
  if (outcome.ok) return { status, body: body(outcome.value), headers }
  const { code, detail, items } = outcome.refusal
  throw new Problem(code, detail, { errors: items, headers })
}
