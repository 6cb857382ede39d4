import * as z from 'zod/mini'
import { type Outcome, refused } from '../refusal.ts'
import type { AnswerStore } from './answer-store.ts'
import type { KeyedRequest } from './keyed-request.ts'

/** What a keyed request came to; `replayed` when an earlier request under the key had the effect. */
export interface Answered<T> {
  readonly outcome: Outcome<T>
  readonly replayed: boolean
}

/**
 * Answers a keyed request once: a repeat gets the stored outcome, another body under the same key `idempotency.key_reused`.
 * `attempt` commits its acceptance together with the effect, or reports that a concurrent request did so first; refusals are kept here.
 * No lock is held meanwhile, so a crash at any point leaves either the stored answer or nothing.
 */
export const answerOnce = async <T>(
  answers: AnswerStore,
  schema: z.core.$ZodType<T>,
  request: KeyedRequest,
  attempt: () => Promise<Outcome<T> | 'already_answered'>,
): Promise<Answered<T>> => {
  const earlier = await answers.find(request)
  if (earlier !== undefined) return replay(request, earlier, schema)

  const outcome = await attempt()
  if (outcome !== 'already_answered') {
    if (outcome.ok) return { outcome, replayed: false }
    if ((await answers.keep({ request, outcome })) === 'kept') return { outcome, replayed: false }
  }

  const winner = await answers.find(request)
  if (winner === undefined) throw new Error('An answer was refused as already there, and is not')
  return replay(request, winner, schema)
}

const replay = <T>(
  request: KeyedRequest,
  stored: { readonly fingerprint: string; readonly outcome: Outcome<unknown> },
  schema: z.core.$ZodType<T>,
): Answered<T> => {
  if (stored.fingerprint !== request.fingerprint)
    return {
      outcome: refused('idempotency.key_reused', 'This idempotency key was used with another request'),
      replayed: false,
    }
  const { outcome } = stored
  return {
    outcome: outcome.ok ? { ok: true, value: z.parse(schema, outcome.value) } : outcome,
    replayed: true,
  }
}
