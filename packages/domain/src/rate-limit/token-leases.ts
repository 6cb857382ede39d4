import type { MerchantId } from '../merchant-id.ts'

/** `perSecond` requests in the long run, `burst` of them at once. Both at least 1. */
export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
}

/** Tokens that are the caller's own from here on, at most as many as it wanted; or none, and when one will be there. */
export type Lease =
  | { readonly outcome: 'granted'; readonly tokens: number }
  | { readonly outcome: 'refused'; readonly retryAfterMs: number }

/**
 * A bucket of tokens for each merchant, one for each request. A bucket begins full with `burst` tokens and gains `perSecond` each second until it is full again.
 * A lease MUST take its tokens out of the bucket in one step with the check that they are in it, whoever else asks at that moment, and MUST grant what is
 * left when that is less than was wanted. An implementation MUST give up within half a second and throw: its caller is a request that waits.
 */
export interface TokenLeases {
  lease(merchant: MerchantId, wanted: number): Promise<Lease>
}

/**
 * How many tokens a bucket holds whose state is the moment when it will be full again: one number, which each token taken moves by
 * `1000 / perSecond` milliseconds. A moment that has passed says as much as none; one that is too far away, because the limit was lowered, holds no token.
 */
export const tokensLeft = (
  { perSecond, burst }: RateLimit,
  fullAt: number | undefined,
  now: number,
): number => {
  const missing = (Math.max(0, (fullAt ?? now) - now) * perSecond) / 1_000
  return Math.max(0, Math.floor(burst - missing + rounding))
}

/** Until a bucket without a token has one, in milliseconds. */
export const untilNextToken = ({ perSecond, burst }: RateLimit, fullAt: number, now: number): number =>
  Math.max(0, fullAt - now - ((burst - 1) * 1_000) / perSecond)

/** What the milliseconds of a clock lose in a fraction of a token. */
const rounding = 1e-6
