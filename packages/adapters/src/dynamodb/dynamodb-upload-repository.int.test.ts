import { fileURLToPath } from 'node:url'
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import { StockroomEvent } from '@stockroom/domain/events/catalogue'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { uploadRepositoryContract } from '@stockroom/domain/upload/upload-repository-contract'
import { startTables, type TablesEngine } from '@stockroom/local-cloud/engines/dynamodb'
import { afterAll, beforeAll } from 'vitest'
import { DynamoDbProductRepository } from './dynamodb-product-repository.ts'
import { DynamoDbUploadRepository } from './dynamodb-upload-repository.ts'
import { envelopeKey } from './keys.ts'
import { readEnvelope } from './outbox-item.ts'

const clock = { now: () => new Date() }
let engine: TablesEngine
let stores: ReturnType<typeof storesOf>

const storesOf = (tables: TablesEngine) => {
  const client = new DynamoDBClient(tables.clientConfig)
  const [shopTable, outboxTable] = [tables.tableName('TablesShop'), tables.tableName('TablesOutbox')]
  return {
    client,
    uploads: new DynamoDbUploadRepository({ client, shopTable, outboxTable, clock }),
    products: new DynamoDbProductRepository({ client, shopTable }),
    events: async (merchant: MerchantId, subject: string): Promise<readonly StockroomEvent[]> => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: outboxTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': envelopeKey(merchant, subject, 1).pk }),
        }),
      )
      return Items.flatMap((item) => readEnvelope(item).events).map((event) => StockroomEvent.parse(event))
    },
  }
}

beforeAll(async () => {
  engine = await startTables(fileURLToPath(new URL('../../../../infra/cdk.out', import.meta.url)))
  stores = storesOf(engine)
})
afterAll(async () => {
  stores.client.destroy()
  await engine.close()
})

let merchants = 0
uploadRepositoryContract(
  'DynamoDbUploadRepository',
  () => stores,
  () => MerchantId.parse(`m-${++merchants}`),
)
