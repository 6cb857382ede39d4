import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'

/** The `clockSort` of every order under one `clockKey`, ascending, of those below `before` if given; read in pages of 100. */
export async function* clockSorts(
  client: DynamoDBClient,
  tableName: string,
  { key, before }: { readonly key: string; readonly before?: string },
): AsyncGenerator<string> {
  const pages = paginateQuery(
    { client, pageSize: 100 },
    {
      TableName: tableName,
      IndexName: 'orders-for-clock',
      KeyConditionExpression:
        before === undefined ? 'clockKey = :key' : 'clockKey = :key AND clockSort < :before',
      ExpressionAttributeValues: marshall(
        { ':key': key, ':before': before },
        { removeUndefinedValues: true },
      ),
    },
  )
  for await (const { Items = [] } of pages) for (const { clockSort } of Items) yield String(clockSort?.S)
}
