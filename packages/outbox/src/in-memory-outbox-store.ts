import type { Envelope } from './envelope.ts'
import type { OutboxStore, PendingPage } from './outbox-store.ts'
import { groupOf } from './relay.ts'

/** An outbox in memory, for tests and simulations. `add` stands for the transaction that writes an envelope. */
export class InMemoryOutboxStore implements OutboxStore {
  readonly #rows = new Map<string, { readonly envelope: Envelope; published: boolean }>()
  readonly #pageSize: number

  constructor(pageSize = 25) {
    this.#pageSize = pageSize
  }

  add(envelope: Envelope): void {
    const key = keyOf(envelope)
    if (this.#rows.has(key)) throw new Error(`${key} is there already`)
    this.#rows.set(key, { envelope, published: false })
  }

  /** Every envelope ever added, with what became of it. */
  rows(): readonly { readonly envelope: Envelope; readonly published: boolean }[] {
    return [...this.#rows.values()]
  }

  async markPublished(envelope: Envelope): Promise<void> {
    const row = this.#rows.get(keyOf(envelope))
    if (row !== undefined) row.published = true
  }

  async *pending(olderThan: Date): AsyncIterable<PendingPage> {
    const rows = this.#pending().filter(({ createdAt }) => Date.parse(createdAt) < olderThan.getTime())
    for (let start = 0; start < rows.length; start += this.#pageSize)
      yield { envelopes: rows.slice(start, start + this.#pageSize), unreadable: [] }
  }

  async pendingOf(tenant: string, aggregate: string): Promise<readonly Envelope[]> {
    const group = groupOf({ tenant, aggregate })
    return this.#pending()
      .filter((envelope) => groupOf(envelope) === group)
      .sort((a, b) => a.seq - b.seq)
  }

  #pending(): Envelope[] {
    return this.rows().flatMap(({ envelope, published }) => (published ? [] : [envelope]))
  }
}

const keyOf = (envelope: Envelope): string => `${groupOf(envelope)}#${envelope.seq}`
