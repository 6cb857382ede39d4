import { DynamoDbTokenLeases } from '@stockroom/adapters/dynamodb/dynamodb-token-leases'
import { makeRateLimiter, type RateLimiter } from '@stockroom/domain/rate-limit/rate-limiter'
import type { dynamoDbClient } from '@stockroom/lambda/aws-clients'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { env } from './env.ts'

/** The limiter of this execution environment, over the buckets that all share. */
export const rateLimiter = (client: ReturnType<typeof dynamoDbClient>): RateLimiter => {
  const clock = { now: () => new Date() }
  const limit = { perSecond: env.RATE_LIMIT_PER_SECOND, burst: env.RATE_LIMIT_BURST }
  const limiter = makeRateLimiter({
    leases: new DynamoDbTokenLeases({ client, shopTable: env.SHOP_TABLE_NAME, limit, clock }),
    limit,
    clock,
    onFailure: (error) => logger.warn('Requests pass without a rate limit', { error }),
    onUnlimited: () => count('RateLimitSkipped'),
  })
  return async (merchant) => {
    const asked = await limiter(merchant)
    if (asked.outcome === 'refused') count('RequestRateLimited')
    return asked
  }
}
