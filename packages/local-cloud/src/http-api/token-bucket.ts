import type { Clock } from '../clock.ts'
import type { ThrottleConfig } from './http-api-config.ts'

/** Lets `burstLimit` requests pass at once and `rateLimit` per second in the long run. */
export class TokenBucket {
  readonly #limits: ThrottleConfig
  readonly #clock: Clock
  #tokens: number
  #filledAt: number

  constructor(limits: ThrottleConfig, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    this.#tokens = limits.burstLimit
    this.#filledAt = clock.now()
  }

  /** Whether one more request may pass now. */
  take(): boolean {
    const now = this.#clock.now()
    const { burstLimit, rateLimit } = this.#limits
    this.#tokens = Math.min(burstLimit, this.#tokens + ((now - this.#filledAt) / 1_000) * rateLimit)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
