import type { Clock } from '../clock.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { RateLimit, TokenLeases } from './token-leases.ts'

/** Whether one more request of a merchant may pass, or after how many whole seconds to ask again. Never rejects. */
export type RateLimiter = (
  merchant: MerchantId,
) => Promise<
  { readonly outcome: 'passed' } | { readonly outcome: 'refused'; readonly retryAfterSeconds: number }
>

export interface RateLimiterDependencies {
  readonly leases: TokenLeases
  readonly limit: RateLimit
  readonly clock: Clock
  /** Told when the store of the buckets fails: once, and again only after it has answered in between. */
  readonly onFailure: (error: unknown) => void
  /** Told of each request that passed without a token because of it. */
  readonly onUnlimited: () => void
}

/** Tokens of one merchant in this environment's memory. */
interface Purse {
  tokens: number
  /** How many to lease next: doubled when a lease was spent in time, halved when it was not. */
  block: number
  expiresAt: number
  /** Nothing is asked for before. */
  refusedUntil: number
}

const passed = { outcome: 'passed' } as const
/** How long a store that failed is left alone, so that its slowness costs one request in a while and not each. */
const restMs = 1_000
/** Merchants remembered at once; the one that was leased for longest ago goes first. */
const mostPurses = 1_000

/**
 * Limits requests per merchant with tokens leased in blocks, so that a busy merchant costs a fraction of a write for each request. A lease ends after
 * the time in which a bucket refills: whatever the number of environments, a merchant gets at most one burst more than its buckets hold.
 * When the store fails requests pass: a limit is not worth an outage (docs/adr/0010-rate-limit-by-leased-tokens.md).
 */
export const makeRateLimiter = (dependencies: RateLimiterDependencies): RateLimiter => {
  const { leases, limit, clock, onFailure, onUnlimited } = dependencies
  const purses = new Map<MerchantId, Purse>()
  const lifetimeMs = (limit.burst * 1_000) / limit.perSecond
  // Ten environments can hold a burst between them before one goes without.
  const mostTokens = Math.max(1, Math.floor(limit.burst / 10))
  let [restUntil, failing] = [0, false]

  const refill = async (merchant: MerchantId, before: Purse | undefined, now: number): Promise<Purse> => {
    const block = before === undefined ? 1 : nextBlock(before, now, mostTokens)
    const lease = await leases.lease(merchant, block)
    return lease.outcome === 'granted'
      ? { tokens: lease.tokens, block, expiresAt: now + lifetimeMs, refusedUntil: 0 }
      : { tokens: 0, block: 1, expiresAt: 0, refusedUntil: now + lease.retryAfterMs }
  }

  const remember = (merchant: MerchantId, purse: Purse): void => {
    purses.delete(merchant)
    purses.set(merchant, purse)
    const [oldest] = purses.keys()
    if (purses.size > mostPurses && oldest !== undefined) purses.delete(oldest)
  }

  return async (merchant) => {
    const now = clock.now().getTime()
    let purse = purses.get(merchant)
    if (purse === undefined || purse.tokens === 0 || purse.expiresAt <= now) {
      if (purse !== undefined && purse.refusedUntil > now) return refused(purse.refusedUntil - now)
      if (now < restUntil) {
        onUnlimited()
        return passed
      }
      try {
        purse = await refill(merchant, purse, now)
      } catch (error) {
        restUntil = clock.now().getTime() + restMs
        if (!failing) onFailure(error)
        failing = true
        onUnlimited()
        return passed
      }
      failing = false
      remember(merchant, purse)
      if (purse.tokens === 0) return refused(purse.refusedUntil - now)
    }
    purse.tokens -= 1
    return passed
  }
}

const nextBlock = ({ tokens, block, expiresAt }: Purse, now: number, most: number): number =>
  tokens === 0 && expiresAt > now ? Math.min(most, block * 2) : Math.max(1, Math.floor(block / 2))

const refused = (milliseconds: number) =>
  ({ outcome: 'refused', retryAfterSeconds: Math.max(1, Math.ceil(milliseconds / 1_000)) }) as const
