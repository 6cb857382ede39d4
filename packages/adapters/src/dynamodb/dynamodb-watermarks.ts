import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { UtcDay } from '@stockroom/domain/report/utc-day'
import type { Watermarks } from '@stockroom/domain/report/watermarks'
import { watermarkKey } from './keys.ts'
import { putIf } from './write-if.ts'

/** How far daily jobs have got, in the shop table. */
export class DynamoDbWatermarks implements Watermarks {
  readonly #client: DynamoDBClient
  readonly #tableName: string

  constructor({ client, shopTable }: { readonly client: DynamoDBClient; readonly shopTable: string }) {
    this.#client = client
    this.#tableName = shopTable
  }

  async read(job: string): Promise<UtcDay | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#tableName,
        Key: marshall(watermarkKey(job)),
        ConsistentRead: true,
      }),
    )
    return Item && UtcDay.parse(unmarshall(Item).day)
  }

  async advance(job: string, from: UtcDay | undefined, to: UtcDay): Promise<void> {
    await putIf(this.#client, {
      TableName: this.#tableName,
      Item: marshall({ ...watermarkKey(job), day: to }),
      ...(from === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#day = :from',
            ExpressionAttributeNames: { '#day': 'day' },
            ExpressionAttributeValues: marshall({ ':from': from }),
          }),
    })
  }
}
