import type { KeyedAnswer } from '../idempotency/answer-store.ts'
import type { InMemoryAnswerStore } from '../idempotency/in-memory-answer-store.ts'
import type { WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import { type EndpointState, mostEndpoints, WebhookEndpoint } from './webhook-endpoint.ts'
import type { WebhookEndpointRegistry } from './webhook-endpoint-registry.ts'
import type { WebhookEndpointRepository } from './webhook-endpoint-repository.ts'

/** Endpoints kept as text: what is found shares nothing with what was written. */
export class InMemoryWebhookEndpointRepository implements WebhookEndpointRepository, WebhookEndpointRegistry {
  readonly #endpoints = new Map<string, string>()
  readonly #answers: InMemoryAnswerStore

  constructor(answers: InMemoryAnswerStore) {
    this.#answers = answers
  }

  /** Everything that is kept, for audits. */
  rows(): readonly WebhookEndpoint[] {
    return [...this.#endpoints.values()].map((stored) => WebhookEndpoint.parse(JSON.parse(stored)))
  }

  async register(
    endpoint: WebhookEndpoint,
    answer: KeyedAnswer,
  ): Promise<'registered' | 'already_answered' | 'too_many'> {
    if (this.#answers.has(answer.request)) return 'already_answered'
    if (this.#all(endpoint.merchant).length >= mostEndpoints) return 'too_many'
    this.#answers.put(answer)
    this.#write(endpoint)
    return 'registered'
  }

  async replaceSecrets(
    endpoint: WebhookEndpoint,
    answer: KeyedAnswer,
  ): Promise<'replaced' | 'already_answered' | 'superseded'> {
    if (this.#answers.has(answer.request)) return 'already_answered'
    const stored = this.#read(endpoint.merchant, endpoint.id)
    if (stored?.revision !== endpoint.revision - 1) return 'superseded'
    this.#answers.put(answer)
    this.#write(endpoint)
    return 'replaced'
  }

  async find(merchant: MerchantId, id: WebhookEndpointId): Promise<WebhookEndpoint | undefined> {
    return this.#read(merchant, id)
  }

  async list(merchant: MerchantId): Promise<readonly WebhookEndpoint[]> {
    return this.#all(merchant)
  }

  async change(
    merchant: MerchantId,
    id: WebhookEndpointId,
    change: (state: EndpointState) => EndpointState | undefined,
  ): Promise<WebhookEndpoint | undefined> {
    // No await between look and write: nobody comes between.
    const current = this.#read(merchant, id)
    const state = current && change(current.state)
    if (current === undefined || state === undefined) return undefined
    const written = { ...current, revision: current.revision + 1, state }
    this.#write(written)
    return written
  }

  async remove(merchant: MerchantId, id: WebhookEndpointId): Promise<'removed' | 'absent'> {
    return this.#endpoints.delete(`${merchant}#${id}`) ? 'removed' : 'absent'
  }

  #read(merchant: MerchantId, id: WebhookEndpointId): WebhookEndpoint | undefined {
    const stored = this.#endpoints.get(`${merchant}#${id}`)
    return stored === undefined ? undefined : WebhookEndpoint.parse(JSON.parse(stored))
  }

  #write(endpoint: WebhookEndpoint): void {
    this.#endpoints.set(`${endpoint.merchant}#${endpoint.id}`, JSON.stringify(endpoint))
  }

  #all(merchant: MerchantId): readonly WebhookEndpoint[] {
    return [...this.#endpoints.entries()]
      .filter(([key]) => key.startsWith(`${merchant}#`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, stored]) => WebhookEndpoint.parse(JSON.parse(stored)))
  }
}
