import * as z from 'zod/mini'
import { type Outcome, refused } from '../refusal.ts'
import type { AnswerStore, StoredAnswer } from './answer-store.ts'
import type { KeyedRequest } from './keyed-request.ts'

/** What a keyed request came to; `replayed` when an earlier request under the key had the effect. */
export interface Answered<T> {
  readonly outcome: Outcome<T>
  readonly replayed: boolean
}

/**
 * Answers a keyed request once: a repeat gets the stored outcome, another body under the same key `idempotency.key_reused`.
 * `attempt` commits its acceptance together with the effect, or reports that a concurrent request did so first; refusals are kept here.
 * Work too long for one transaction is `begun` by it instead; then, or when a repeat finds it so, `finish` goes on with it until its answer is stored.
 * No lock is held meanwhile, so a crash at any point leaves the stored answer, work that anybody can finish, or nothing.
 * @throws what `finish` throws; a repeat goes on with the work.
 */
export const answerOnce = async <T>(
  answers: AnswerStore,
  schema: z.core.$ZodType<T>,
  request: KeyedRequest,
  attempt: () => Promise<Outcome<T> | 'begun' | 'already_answered'>,
  finish: (begun: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<Answered<T>> => {
  const stored = async (): Promise<StoredAnswer | undefined> => {
    const found = await answers.find(request)
    if (found?.begun === undefined || found.fingerprint !== request.fingerprint) return found
    await finish(found.begun)
    return answers.find(request)
  }

  const earlier = await stored()
  if (earlier !== undefined) return replay(request, earlier, schema)

  const outcome = await attempt()
  if (typeof outcome === 'object') {
    if (outcome.ok) return { outcome, replayed: false }
    if ((await answers.keep({ request, outcome })) === 'kept') return { outcome, replayed: false }
  }

  const winner = await stored()
  if (winner === undefined) throw new Error('An answer was refused as already there, and is not')
  const answered = replay(request, winner, schema)
  return outcome === 'begun' ? { ...answered, replayed: false } : answered
}

const replay = <T>(
  request: KeyedRequest,
  { fingerprint, outcome }: StoredAnswer,
  schema: z.core.$ZodType<T>,
): Answered<T> => {
  if (fingerprint !== request.fingerprint)
    return {
      outcome: refused('idempotency.key_reused', 'This idempotency key was used with another request'),
      replayed: false,
    }
  if (outcome === undefined) throw new Error('Work that was begun has ended without an answer')
  return {
    outcome: outcome.ok ? { ok: true, value: z.parse(schema, outcome.value) } : outcome,
    replayed: true,
  }
}
