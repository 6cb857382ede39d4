import type { Clock } from '../clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import { type Lease, type RateLimit, type TokenLeases, tokensLeft, untilNextToken } from './token-leases.ts'

/** Buckets for as long as the process lives. */
export class InMemoryTokenLeases implements TokenLeases {
  readonly #limit: RateLimit
  readonly #clock: Clock
  readonly #fullAt = new Map<MerchantId, number>()

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  async lease(merchant: MerchantId, wanted: number): Promise<Lease> {
    const now = this.#clock.now().getTime()
    const fullAt = Math.max(this.#fullAt.get(merchant) ?? now, now)
    const tokens = Math.min(wanted, tokensLeft(this.#limit, fullAt, now))
    if (tokens === 0) return { outcome: 'refused', retryAfterMs: untilNextToken(this.#limit, fullAt, now) }
    this.#fullAt.set(merchant, fullAt + (tokens * 1_000) / this.#limit.perSecond)
    return { outcome: 'granted', tokens }
  }
}
