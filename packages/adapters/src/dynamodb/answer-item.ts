import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { KeyedAnswer } from '@stockroom/domain/idempotency/answer-store'
import { answerKey } from './keys.ts'

/** TTL removes an answer within days of this age; until then it is replayed. */
const keptSeconds = 24 * 3_600

/** The element of a transaction that remembers what a keyed request came to, unless an answer is there. */
export const putAnswer = (
  tableName: string,
  { request, outcome }: KeyedAnswer,
  now: Date,
): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: marshall({
      ...answerKey(request),
      fingerprint: request.fingerprint,
      // One string: what is replayed is what was answered.
      outcome: JSON.stringify(outcome),
      ttl: Math.floor(now.getTime() / 1_000) + keptSeconds,
    }),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
})
