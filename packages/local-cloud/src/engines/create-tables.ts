import { isDeepStrictEqual } from 'node:util'
import type { SecondaryIndex, TableResource } from '../template/table.ts'
import { type DynamoDbApi, DynamoDbApiError } from './dynamodb-api.ts'

interface TableDescription {
  readonly TableStatus?: string
  readonly KeySchema?: readonly unknown[]
  readonly AttributeDefinitions?: readonly { readonly AttributeName: string }[]
  readonly GlobalSecondaryIndexes?: readonly SecondaryIndex[]
  readonly LocalSecondaryIndexes?: readonly SecondaryIndex[]
  readonly StreamSpecification?: { readonly StreamEnabled?: boolean; readonly StreamViewType?: string }
}

/**
 * Creates the tables exactly as the template declares them and switches their time to live on. A table that is there
 * already, from an earlier run on the same data, is kept when it has the same definition; else this throws.
 */
export const createTables = async (api: DynamoDbApi, tables: readonly TableResource[]): Promise<void> => {
  for (const table of tables) {
    try {
      await api('DynamoDB', 'CreateTable', createTableInput(table))
    } catch (error) {
      if (!(error instanceof DynamoDbApiError) || error.name !== 'ResourceInUseException') throw error
      const { Table } = await api<{ Table: TableDescription }>('DynamoDB', 'DescribeTable', {
        TableName: table.tableName,
      })
      if (!isDeepStrictEqual(definition(Table), definition(createTableInput(table)))) {
        throw new Error(
          `Table ${table.tableName} exists with another definition than ${table.logicalId} of the template. ` +
            'Start with an empty data directory.',
        )
      }
    }
    await enableTimeToLive(api, table)
  }
}

const createTableInput = (table: TableResource) => ({
  TableName: table.tableName,
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: table.keySchema,
  AttributeDefinitions: table.attributeDefinitions,
  ...(table.globalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes: table.globalSecondaryIndexes }),
  ...(table.localSecondaryIndexes.length > 0 && { LocalSecondaryIndexes: table.localSecondaryIndexes }),
  ...(table.streamViewType && {
    StreamSpecification: { StreamEnabled: true, StreamViewType: table.streamViewType },
  }),
})

const enableTimeToLive = async (api: DynamoDbApi, table: TableResource): Promise<void> => {
  if (table.timeToLiveAttribute === undefined) return
  const { TimeToLiveDescription } = await api<{
    TimeToLiveDescription?: { AttributeName?: string; TimeToLiveStatus?: string }
  }>('DynamoDB', 'DescribeTimeToLive', { TableName: table.tableName })
  if (TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED') return
  await api('DynamoDB', 'UpdateTimeToLive', {
    TableName: table.tableName,
    TimeToLiveSpecification: { Enabled: true, AttributeName: table.timeToLiveAttribute },
  })
}

/** What must not differ between runs, in an order that does not depend on who tells it. */
const definition = (table: TableDescription) => ({
  keys: table.KeySchema,
  attributes: [...(table.AttributeDefinitions ?? [])]
    .sort((a, b) => a.AttributeName.localeCompare(b.AttributeName))
    .map(({ AttributeName, ...rest }) => ({ AttributeName, ...rest })),
  globalIndexes: indexes(table.GlobalSecondaryIndexes),
  localIndexes: indexes(table.LocalSecondaryIndexes),
  stream: table.StreamSpecification?.StreamEnabled ? table.StreamSpecification.StreamViewType : undefined,
})

const indexes = (list: readonly SecondaryIndex[] = []) =>
  [...list]
    .sort((a, b) => a.IndexName.localeCompare(b.IndexName))
    .map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      type: Projection.ProjectionType,
      attributes: [...(Projection.NonKeyAttributes ?? [])].sort(),
    }))
