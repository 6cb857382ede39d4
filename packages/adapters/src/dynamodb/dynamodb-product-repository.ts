import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { Page, PageRequest } from '@stockroom/domain/page'
import type { Product } from '@stockroom/domain/product/product'
import type { ProductRepository } from '@stockroom/domain/product/product-repository'
import type { Sku } from '@stockroom/domain/sku'
import { batchGet } from './batch-get.ts'
import { productKey, productsOf } from './keys.ts'
import { readProduct } from './product-item.ts'

/** Products in the shop table: one partition key per merchant, sorted by sku. */
export class DynamoDbProductRepository implements ProductRepository {
  readonly #client: DynamoDBClient
  readonly #tableName: string

  constructor({ client, shopTable }: { readonly client: DynamoDBClient; readonly shopTable: string }) {
    this.#client = client
    this.#tableName = shopTable
  }

  async findAll(merchant: MerchantId, skus: readonly Sku[]): Promise<ReadonlyMap<Sku, Product>> {
    const keys = [...new Set(skus)].map((sku) => productKey(merchant, sku))
    const items = await batchGet(this.#client, this.#tableName, keys)
    return new Map(items.map(readProduct).map((product) => [product.sku, product]))
  }

  async page(merchant: MerchantId, { limit, after }: PageRequest): Promise<Page<Product>> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#tableName,
        KeyConditionExpression: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: marshall(
          { ':pk': productsOf(merchant), ':after': after },
          { removeUndefinedValues: true },
        ),
        // One more than asked for tells whether there is a next page.
        Limit: limit + 1,
      }),
    )
    const items = Items.slice(0, limit).map((item) => readProduct(unmarshall(item)))
    const last = items.at(-1)
    return last === undefined || Items.length <= limit ? { items } : { items, next: last.sku }
  }
}
