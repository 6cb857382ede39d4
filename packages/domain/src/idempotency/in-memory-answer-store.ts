import type { AnswerStore, KeyedAnswer, StoredAnswer } from './answer-store.ts'
import type { KeyedRequest } from './keyed-request.ts'

const identity = ({ merchant, principal, route, key }: KeyedRequest) =>
  JSON.stringify([merchant, principal, route, key])

/** Answers kept for as long as the process lives, as text: what is found shares nothing with what was put. */
export class InMemoryAnswerStore implements AnswerStore {
  readonly #answers = new Map<string, string>()

  has(request: KeyedRequest): boolean {
    return this.#answers.has(identity(request))
  }

  /** Writes without a check; for transactions that looked first. */
  put({ request, outcome }: KeyedAnswer): void {
    this.#answers.set(identity(request), JSON.stringify({ fingerprint: request.fingerprint, outcome }))
  }

  /** As `put`, for work that will end in an answer. */
  begin(request: KeyedRequest, begun: string): void {
    this.#answers.set(identity(request), JSON.stringify({ fingerprint: request.fingerprint, begun }))
  }

  async find(request: KeyedRequest): Promise<StoredAnswer | undefined> {
    const stored = this.#answers.get(identity(request))
    return stored === undefined ? undefined : JSON.parse(stored)
  }

  async keep(answer: KeyedAnswer): Promise<'kept' | 'already_answered'> {
    if (this.has(answer.request)) return 'already_answered'
    this.put(answer)
    return 'kept'
  }
}
