import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Clock } from '@stockroom/domain/clock'
import type { UploadId } from '@stockroom/domain/ids'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import { Sku } from '@stockroom/domain/sku'
import { DeliveryUpload, type UploadIn } from '@stockroom/domain/upload/delivery-upload'
import type { UploadPlan } from '@stockroom/domain/upload/upload-plan'
import type {
  AppliedPart,
  ChunkAddress,
  ChunkProgress,
  PartCommit,
  StockPart,
  UploadChange,
  UploadRepository,
} from '@stockroom/domain/upload/upload-repository'
import { seal } from '@stockroom/outbox/envelope'
import * as z from 'zod/mini'
import { chunkKey, chunkPartKey, planKey, uploadKey } from './keys.ts'
import { putEnvelope } from './outbox-item.ts'
import { stockMovementUpdate } from './stock-movement-update.ts'
import { defaultRetryBudget, type RetryBudget, transact } from './transact.ts'
import { planItem, readPlan } from './upload-plan-item.ts'

const conditionFailed = 'ConditionalCheckFailed'

const PartMarker = z.object({ part: z.int(), rowsAccepted: z.int(), refusedSkus: z.array(Sku) })

const readMarker = (item: Record<string, AttributeValue>): AppliedPart & { readonly part: number } =>
  PartMarker.parse(unmarshall(item))

/** Uploads, plans and markers in the shop table, under one partition key each; their events in the outbox table. */
export class DynamoDbUploadRepository implements UploadRepository {
  readonly #client: DynamoDBClient
  readonly #shopTable: string
  readonly #outboxTable: string
  readonly #clock: Clock
  readonly #budget: RetryBudget

  constructor({
    client,
    shopTable,
    outboxTable,
    clock,
    budget = defaultRetryBudget,
  }: {
    readonly client: DynamoDBClient
    readonly shopTable: string
    readonly outboxTable: string
    readonly clock: Clock
    readonly budget?: RetryBudget
  }) {
    this.#client = client
    this.#shopTable = shopTable
    this.#outboxTable = outboxTable
    this.#clock = clock
    this.#budget = budget
  }

  async create(upload: UploadIn<'awaiting_upload'>): Promise<void> {
    await this.#client.send(
      new PutItemCommand({
        TableName: this.#shopTable,
        Item: uploadItem(upload),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    )
  }

  async find(merchant: MerchantId, id: UploadId): Promise<DeliveryUpload | undefined> {
    const item = await this.#get(uploadKey(merchant, id))
    return item && DeliveryUpload.parse(unmarshall(item))
  }

  async findPlan(merchant: MerchantId, id: UploadId): Promise<UploadPlan | undefined> {
    const item = await this.#get(planKey(merchant, id))
    return item && readPlan(item)
  }

  async commit(change: UploadChange): Promise<'committed' | 'version_moved'> {
    const { upload, event } = change
    const reasons = await this.#transact([
      {
        Put: {
          TableName: this.#shopTable,
          Item: uploadItem(upload),
          ConditionExpression: 'version = :before',
          ExpressionAttributeValues: marshall({ ':before': upload.version - 1 }),
        },
      },
      putEnvelope(this.#outboxTable, seal(upload.merchant, [event], this.#clock.now())),
      ...('plan' in change
        ? [{ Put: { TableName: this.#shopTable, Item: planItem(upload.merchant, upload.id, change.plan) } }]
        : []),
    ])
    return reasons === undefined ? 'committed' : 'version_moved'
  }

  async chunkProgress({ merchant, uploadId, chunk }: ChunkAddress): Promise<ChunkProgress> {
    const { pk, sk } = chunkKey(merchant, uploadId, chunk)
    const parts = new Map<number, AppliedPart>()
    let closed = false
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#shopTable,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: marshall({ ':pk': pk, ':sk': sk }),
        ConsistentRead: true,
      },
    )
    for await (const { Items = [] } of pages)
      for (const item of Items) {
        if (item.sk?.S === sk) closed = true
        else {
          const { part, ...marker } = readMarker(item)
          parts.set(part, marker)
        }
      }
    return { closed, parts }
  }

  async applyPart(stockPart: StockPart): Promise<PartCommit> {
    const { merchant, uploadId, chunk, part, stock, event, rowsAccepted, refusedSkus } = stockPart
    const reasons = await this.#transact([
      {
        Put: {
          TableName: this.#shopTable,
          Item: marshall({
            ...chunkPartKey(merchant, uploadId, chunk, part),
            part,
            rowsAccepted,
            refusedSkus: [...refusedSkus],
          }),
          ConditionExpression: 'attribute_not_exists(pk)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      ...stock.map((movement) => stockMovementUpdate(this.#shopTable, merchant, movement)),
      ...(event === undefined
        ? []
        : [putEnvelope(this.#outboxTable, seal(merchant, [event], this.#clock.now()))]),
    ])
    if (reasons === undefined) return { outcome: 'applied', marker: { rowsAccepted, refusedSkus } }

    // Reasons stand at the indexes of the elements above.
    const [ofMarker, ...others] = reasons
    if (ofMarker?.Code === conditionFailed) {
      if (ofMarker.Item === undefined) throw new Error('A failed condition came without its item')
      const { part: _, ...marker } = readMarker(ofMarker.Item)
      return { outcome: 'applied', marker }
    }
    const skus = stock.filter((_, index) => others[index]?.Code === conditionFailed).map(({ sku }) => sku)
    if (skus.length === 0) throw new Error(`An envelope of part ${part} exists without its marker`)
    return { outcome: 'stock_refused', skus }
  }

  async closeChunk(
    { merchant, uploadId, chunk }: ChunkAddress,
    counts: { readonly rowsAccepted: number; readonly rowsRejected: number },
  ): Promise<'closed' | 'already_closed'> {
    const reasons = await this.#transact([
      {
        Put: {
          TableName: this.#shopTable,
          Item: marshall({ ...chunkKey(merchant, uploadId, chunk), ...counts }),
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      },
      {
        Update: {
          TableName: this.#shopTable,
          Key: marshall(uploadKey(merchant, uploadId)),
          UpdateExpression: 'ADD chunksClosed :one, rowsAccepted :accepted, rowsRejected :rejected',
          ConditionExpression: '#status = :importing',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: marshall({
            ':one': 1,
            ':accepted': counts.rowsAccepted,
            ':rejected': counts.rowsRejected,
            ':importing': 'importing' satisfies DeliveryUpload['status'],
          }),
        },
      },
    ])
    if (reasons === undefined) return 'closed'
    if (reasons[0]?.Code === conditionFailed) return 'already_closed'
    throw new Error(`${uploadId} is not importing`)
  }

  #transact(items: TransactWriteItem[]) {
    return transact(this.#client, items, this.#budget)
  }

  async #get(key: Record<string, string>): Promise<Record<string, AttributeValue> | undefined> {
    const { Item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#shopTable, Key: marshall(key), ConsistentRead: true }),
    )
    return Item
  }
}

const uploadItem = (upload: DeliveryUpload): Record<string, AttributeValue> =>
  marshall({ ...uploadKey(upload.merchant, upload.id), ...upload })
