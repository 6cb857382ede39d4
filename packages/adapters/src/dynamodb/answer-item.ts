import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { answersKeptSeconds, type KeyedAnswer } from '@stockroom/domain/idempotency/answer-store'
import type { KeyedRequest } from '@stockroom/domain/idempotency/keyed-request'
import { answerKey } from './keys.ts'

const answerItem = ({ request, outcome }: KeyedAnswer, now: Date) =>
  marshall({
    ...answerKey(request),
    fingerprint: request.fingerprint,
    // One string: what is replayed is what was answered.
    outcome: JSON.stringify(outcome),
    ttl: secondsOf(now) + answersKeptSeconds,
  })

const secondsOf = (now: Date): number => Math.floor(now.getTime() / 1_000)

/** TTL takes days to remove an item (DynamoDB guide, "howitworks-ttl"): one whose time is over counts as none. */
export const isOver = ({ ttl }: { readonly ttl?: unknown }, now: Date): boolean =>
  typeof ttl === 'number' && ttl <= secondsOf(now)

const unlessAnswered = (now: Date) => ({
  ConditionExpression: 'attribute_not_exists(pk) OR #ttl <= :now',
  ExpressionAttributeNames: { '#ttl': 'ttl' },
  ExpressionAttributeValues: marshall({ ':now': secondsOf(now) }),
})

/** The element of a transaction that remembers what a keyed request came to, unless an answer is there or `begun` work. */
export const putAnswer = (tableName: string, answer: KeyedAnswer, now: Date): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: answerItem(answer, now),
    ...unlessAnswered(now),
  },
})

/** As `putAnswer`, of a request whose work is begun and will end in an answer: without a TTL, so that none can be lost. */
export const putBegun = (
  tableName: string,
  request: KeyedRequest,
  begun: string,
  now: Date,
): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: marshall({ ...answerKey(request), fingerprint: request.fingerprint, begun }),
    ...unlessAnswered(now),
  },
})

/** As `putAnswer`, in the place of what was begun; for transactions on the condition that it has not ended, which alone can replace it. */
export const replaceBegun = (tableName: string, answer: KeyedAnswer, now: Date): TransactWriteItem => ({
  Put: { TableName: tableName, Item: answerItem(answer, now) },
})
