import type { Outcome } from '../refusal.ts'
import type { KeyedRequest } from './keyed-request.ts'

/** The stored outcome of a keyed request, written in the transaction of its effect. */
export interface KeyedAnswer {
  readonly request: KeyedRequest
  readonly outcome: Outcome<unknown>
}

/** What is stored under a key: an outcome, or the name of the work that was begun for it and will end in one. */
export type StoredAnswer =
  | { readonly fingerprint: string; readonly outcome: Outcome<unknown>; readonly begun?: undefined }
  | { readonly fingerprint: string; readonly begun: string; readonly outcome?: undefined }

/** How long an answer is replayed. The same key is a new request from then on. */
export const answersKeptSeconds = 24 * 3_600

/** Remembers what keyed requests came to, for `answersKeptSeconds`, and what was begun for them, until it has ended. */
export interface AnswerStore {
  /** MUST read consistently: what a committed transaction answered is found. MUST NOT find an answer whose time is over, although it may still be stored. */
  find(request: KeyedRequest): Promise<StoredAnswer | undefined>
  /** Keeps a refusal, which has no other effect. MUST NOT overwrite: `already_answered` when another answer whose time is not over, or begun work, is there. */
  keep(answer: KeyedAnswer): Promise<'kept' | 'already_answered'>
}
