import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { Clock } from '@stockroom/domain/clock'
import type { KeyedAnswer } from '@stockroom/domain/idempotency/answer-store'
import type { WebhookEndpointId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import { mostEndpoints, type WebhookEndpoint } from '@stockroom/domain/webhook/webhook-endpoint'
import type { WebhookEndpointRegistry } from '@stockroom/domain/webhook/webhook-endpoint-registry'
import { putAnswer } from './answer-item.ts'
import { endpointCountKey, endpointKey } from './keys.ts'
import { sealAnswer } from './sealed-answer-store.ts'
import { setAtRevision } from './set-at-revision.ts'
import { transact } from './transact.ts'

/** Endpoints and their number in the webhooks table; the answer with a secret lies, sealed, in the shop table beside all others. */
export class DynamoDbWebhookEndpointRegistry implements WebhookEndpointRegistry {
  readonly #client: DynamoDBClient
  readonly #webhooksTable: string
  readonly #shopTable: string
  readonly #clock: Clock

  constructor({
    client,
    webhooksTable,
    shopTable,
    clock,
  }: {
    readonly client: DynamoDBClient
    readonly webhooksTable: string
    readonly shopTable: string
    readonly clock: Clock
  }) {
    this.#client = client
    this.#webhooksTable = webhooksTable
    this.#shopTable = shopTable
    this.#clock = clock
  }

  async register(
    endpoint: WebhookEndpoint,
    answer: KeyedAnswer,
  ): Promise<'registered' | 'already_answered' | 'too_many'> {
    const reasons = await transact(this.#client, [
      putAnswer(this.#shopTable, sealAnswer(answer), this.#clock.now()),
      {
        Put: {
          TableName: this.#webhooksTable,
          Item: marshall({ ...endpoint, ...endpointKey(endpoint.merchant, endpoint.id) }),
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      this.#countBy(endpoint.merchant, 1),
    ])
    if (reasons === undefined) return 'registered'
    const [ofAnswer, ofEndpoint] = reasons.map(({ Code }) => Code === 'ConditionalCheckFailed')
    if (ofAnswer) return 'already_answered'
    if (ofEndpoint) throw new Error(`${endpoint.id} was given out twice`)
    return 'too_many'
  }

  async replaceSecrets(
    endpoint: WebhookEndpoint,
    answer: KeyedAnswer,
  ): Promise<'replaced' | 'already_answered' | 'superseded'> {
    const { merchant, id, revision, sealedSecrets, olderSecretsEndAt } = endpoint
    const reasons = await transact(this.#client, [
      putAnswer(this.#shopTable, sealAnswer(answer), this.#clock.now()),
      {
        Update: {
          TableName: this.#webhooksTable,
          Key: marshall(endpointKey(merchant, id)),
          ...setAtRevision(revision - 1, { sealedSecrets, olderSecretsEndAt }),
        },
      },
    ])
    if (reasons === undefined) return 'replaced'
    return reasons[0]?.Code === 'ConditionalCheckFailed' ? 'already_answered' : 'superseded'
  }

  async remove(merchant: MerchantId, id: WebhookEndpointId): Promise<'removed' | 'absent'> {
    const reasons = await transact(this.#client, [
      {
        Delete: {
          TableName: this.#webhooksTable,
          Key: marshall(endpointKey(merchant, id)),
          ConditionExpression: 'attribute_exists(pk)',
        },
      },
      this.#countBy(merchant, -1),
    ])
    return reasons === undefined ? 'removed' : 'absent'
  }

  #countBy(merchant: MerchantId, step: 1 | -1): TransactWriteItem {
    return {
      Update: {
        TableName: this.#webhooksTable,
        Key: marshall(endpointCountKey(merchant)),
        UpdateExpression: 'ADD endpoints :step',
        ...(step === 1
          ? {
              ConditionExpression: 'attribute_not_exists(endpoints) OR endpoints < :most',
              ExpressionAttributeValues: marshall({ ':step': step, ':most': mostEndpoints }),
            }
          : { ExpressionAttributeValues: marshall({ ':step': step }) }),
      },
    }
  }
}
