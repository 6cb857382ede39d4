import type { Clock } from '../clock.ts'
import { type AnswerStore, answersKeptSeconds, type KeyedAnswer, type StoredAnswer } from './answer-store.ts'
import type { KeyedRequest } from './keyed-request.ts'

const identity = ({ merchant, principal, route, key }: KeyedRequest) =>
  JSON.stringify([merchant, principal, route, key])

/** Answers kept for as long as the process lives, as text: what is found shares nothing with what was put. */
export class InMemoryAnswerStore implements AnswerStore {
  readonly #answers = new Map<string, { readonly text: string; readonly until: number }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(request: KeyedRequest): boolean {
    return this.#at(request) !== undefined
  }

  /** Writes without a check; for transactions that looked first. */
  put({ request, outcome }: KeyedAnswer): void {
    const text = JSON.stringify({ fingerprint: request.fingerprint, outcome })
    const until = this.#clock.now().getTime() + answersKeptSeconds * 1_000
    this.#answers.set(identity(request), { text, until })
  }

  /** As `put`, for work that will end in an answer. */
  begin(request: KeyedRequest, begun: string): void {
    const text = JSON.stringify({ fingerprint: request.fingerprint, begun })
    this.#answers.set(identity(request), { text, until: Number.POSITIVE_INFINITY })
  }

  async find(request: KeyedRequest): Promise<StoredAnswer | undefined> {
    const stored = this.#at(request)
    return stored === undefined ? undefined : JSON.parse(stored)
  }

  async keep(answer: KeyedAnswer): Promise<'kept' | 'already_answered'> {
    if (this.has(answer.request)) return 'already_answered'
    this.put(answer)
    return 'kept'
  }

  #at(request: KeyedRequest): string | undefined {
    const stored = this.#answers.get(identity(request))
    return stored !== undefined && this.#clock.now().getTime() < stored.until ? stored.text : undefined
  }
}
