import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Clock } from '@stockroom/domain/clock'
import type { AnswerStore, KeyedAnswer } from '@stockroom/domain/idempotency/answer-store'
import type { KeyedRequest } from '@stockroom/domain/idempotency/keyed-request'
import { isOver, putAnswer } from './answer-item.ts'
import { answerKey } from './keys.ts'
import { transact } from './transact.ts'

/** Answers of keyed requests, beside orders in the shop table, so that one transaction writes both. */
export class DynamoDbAnswerStore implements AnswerStore {
  readonly #client: DynamoDBClient
  readonly #tableName: string
  readonly #clock: Clock

  constructor({
    client,
    shopTable,
    clock,
  }: {
    readonly client: DynamoDBClient
    readonly shopTable: string
    readonly clock: Clock
  }) {
    this.#client = client
    this.#tableName = shopTable
    this.#clock = clock
  }

  async find(request: KeyedRequest): ReturnType<AnswerStore['find']> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#tableName,
        Key: marshall(answerKey(request)),
        ConsistentRead: true,
      }),
    )
    const item = Item && unmarshall(Item)
    if (item === undefined || isOver(item, this.#clock.now())) return undefined
    const { fingerprint, outcome, begun } = item
    return begun === undefined ? { fingerprint, outcome: JSON.parse(outcome) } : { fingerprint, begun }
  }

  // A transaction of one: a plain put that meets the transaction of the same request fails with a conflict, which only transact() waits out.
  async keep(answer: KeyedAnswer): Promise<'kept' | 'already_answered'> {
    const put = putAnswer(this.#tableName, answer, this.#clock.now())
    const refusals = await transact(this.#client, [put])
    return refusals === undefined ? 'kept' : 'already_answered'
  }
}
