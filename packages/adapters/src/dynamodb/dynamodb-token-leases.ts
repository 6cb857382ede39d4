import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Clock } from '@stockroom/domain/clock'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import {
  type Lease,
  type RateLimit,
  type TokenLeases,
  tokensLeft,
  untilNextToken,
} from '@stockroom/domain/rate-limit/token-leases'
import { rateLimitKey } from './keys.ts'

/** Two when nobody else asks: the first of them tells what state the bucket is in. */
const maxAttempts = 5
/** A request waits for the answer, the first one of an environment also for the connection. */
const patienceMs = 500

interface Options {
  readonly client: DynamoDBClient
  readonly shopTable: string
  readonly limit: RateLimit
  readonly clock: Clock
}

/**
 * One item per merchant, whose `fullAt` is the moment (milliseconds) when its bucket will be full again. An update under a condition either moves it or
 * gives it back, so nothing is read. A bucket that is full needs no item: TTL removes it.
 */
export class DynamoDbTokenLeases implements TokenLeases {
  readonly #client: DynamoDBClient
  readonly #tableName: string
  readonly #limit: RateLimit
  readonly #clock: Clock

  constructor({ client, shopTable, limit, clock }: Options) {
    this.#client = client
    this.#tableName = shopTable
    this.#limit = limit
    this.#clock = clock
  }

  /** @throws Error when DynamoDB does not answer within half a second, or others are always faster. */
  async lease(merchant: MerchantId, wanted: number): Promise<Lease> {
    const signal = AbortSignal.timeout(patienceMs)
    let [tokens, full] = [Math.min(wanted, this.#limit.burst), false]
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const now = this.#clock.now().getTime()
      const found = await this.#take(merchant, { tokens, full, now }, signal)
      if (found === 'taken') return { outcome: 'granted', tokens }
      tokens = Math.min(wanted, tokensLeft(this.#limit, found.fullAt, now))
      if (found.fullAt === undefined || found.fullAt < now) full = true
      else if (tokens === 0)
        return { outcome: 'refused', retryAfterMs: untilNextToken(this.#limit, found.fullAt, now) }
      else full = false
    }
    throw new Error('The bucket is fought over')
  }

  /** Takes the tokens out of a bucket that is, or is not, full; or tells what is there instead. */
  async #take(
    merchant: MerchantId,
    { tokens, full, now }: { readonly tokens: number; readonly full: boolean; readonly now: number },
    abortSignal: AbortSignal,
  ): Promise<'taken' | { readonly fullAt: number | undefined }> {
    const { perSecond, burst } = this.#limit
    const milliseconds = (count: number) => (count * 1_000) / perSecond
    // No later than this can the bucket be full once the tokens are taken.
    const latest = now + milliseconds(burst)
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#tableName,
          Key: marshall(rateLimitKey(merchant)),
          ...(full
            ? {
                UpdateExpression: 'SET fullAt = :full, #ttl = :ttl',
                ConditionExpression: 'attribute_not_exists(fullAt) OR fullAt < :now',
              }
            : {
                UpdateExpression: 'SET fullAt = fullAt + :taken, #ttl = :ttl',
                ConditionExpression: 'fullAt BETWEEN :now AND :before',
              }),
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: marshall({
            ':now': now,
            ':ttl': Math.ceil(latest / 1_000),
            ...(full
              ? { ':full': now + milliseconds(tokens) }
              : { ':taken': milliseconds(tokens), ':before': latest - milliseconds(tokens) + clockGrain }),
          }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
        { abortSignal },
      )
      return 'taken'
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      const fullAt: unknown = error.Item && unmarshall(error.Item).fullAt
      return { fullAt: typeof fullAt === 'number' ? fullAt : undefined }
    }
  }
}

/** What sums of fractions of a millisecond may be off by. */
const clockGrain = 0.001
