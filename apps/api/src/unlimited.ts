import type { RateLimiter } from '@stockroom/domain/rate-limit/rate-limiter'

/** Lets every request pass. For tests of something else. */
export const unlimited: RateLimiter = async () => ({ outcome: 'passed' })
