import { refused } from '@stockroom/domain/refusal'
import type { EffectOutcome } from '@stockroom/lambda/idempotent-effect'
import type { Refused } from './route.ts'

/**
 * What to answer a keyed request with whose effect is no transaction: the result under `status`, and a header if it is an earlier one's;
 * or that the key is taken. For effects of transactions see `keyed-answer.ts`.
 */
export const effectAnswer = <const S extends number, B>(
  performed: EffectOutcome<B>,
  status: S,
): { readonly status: S; readonly body: B; readonly headers: Record<string, string> } | Refused => {
  switch (performed.outcome) {
    case 'performed':
      return { status, body: performed.result, headers: {} }
    case 'replayed':
      return { status, body: performed.result, headers: { 'idempotency-replayed': 'true' } }
    case 'in_progress':
      return refused(
        'idempotency.in_progress',
        'The first request under this key has not ended; repeat it later.',
      )
    case 'key_reused':
      return refused('idempotency.key_reused', 'This key belongs to a request with another body.')
    default:
      return performed satisfies never
  }
}
