import type { Outcome } from '../refusal.ts'
import type { KeyedRequest } from './keyed-request.ts'

/** The stored outcome of a keyed request, written in the transaction of its effect. */
export interface KeyedAnswer {
  readonly request: KeyedRequest
  readonly outcome: Outcome<unknown>
}

/** Remembers what keyed requests came to, for at least 24 hours. */
export interface AnswerStore {
  /** MUST read consistently: what a committed transaction answered is found. */
  find(
    request: KeyedRequest,
  ): Promise<{ readonly fingerprint: string; readonly outcome: Outcome<unknown> } | undefined>
  /** Keeps a refusal, which has no other effect. MUST NOT overwrite: `already_answered` when another answer is there. */
  keep(answer: KeyedAnswer): Promise<'kept' | 'already_answered'>
}
