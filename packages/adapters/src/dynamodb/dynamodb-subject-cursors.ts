import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { SubjectCursors } from '@stockroom/domain/webhook/subject-cursors'
import { subjectCursorKey } from './keys.ts'
import { putIf } from './write-if.ts'

/** How far each subject's events have been fanned out, in the webhooks table. */
export class DynamoDbSubjectCursors implements SubjectCursors {
  readonly #client: DynamoDBClient
  readonly #tableName: string

  constructor({
    client,
    webhooksTable,
  }: { readonly client: DynamoDBClient; readonly webhooksTable: string }) {
    this.#client = client
    this.#tableName = webhooksTable
  }

  async last(merchant: MerchantId, subject: string): Promise<number> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#tableName,
        Key: marshall(subjectCursorKey(merchant, subject)),
        ConsistentRead: true,
      }),
    )
    return Item === undefined ? 0 : Number(unmarshall(Item).last)
  }

  async advance(
    merchant: MerchantId,
    subject: string,
    sequence: number,
    keepUntil: Date,
  ): Promise<'advanced' | 'moved'> {
    const advanced = await putIf(this.#client, {
      TableName: this.#tableName,
      Item: marshall({
        ...subjectCursorKey(merchant, subject),
        last: sequence,
        ttl: Math.floor(keepUntil.getTime() / 1_000),
      }),
      ...(sequence === 1
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#last = :before',
            ExpressionAttributeNames: { '#last': 'last' },
            ExpressionAttributeValues: marshall({ ':before': sequence - 1 }),
          }),
    })
    return advanced ? 'advanced' : 'moved'
  }
}
