import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { putEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import { StockroomEvent } from '@stockroom/domain/events/catalogue'
import { attributesOf } from '@stockroom/domain/events/event'
import type { Ids } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { type Envelope, seal } from '@stockroom/outbox/envelope'
import { inParallel } from '@stockroom/outbox/in-parallel'

/** An envelope with one genuine event, as if an upload had received stock, without the work behind it. Its time is now. */
export const madeEnvelope = (ids: Ids, merchant: string, subject: string, version: number): Envelope => {
  const now = new Date()
  const source = { ids, clock: { now: () => now } }
  const change = { merchant: MerchantId.parse(merchant), subject, version, cause: { correlationId: subject } }
  const event = StockroomEvent.parse({
    ...attributesOf(source, change),
    type: 'stock.received.v1',
    data: { uploadId: subject, items: [{ sku: 'MUG', quantity: 1 }] },
  })
  return seal(merchant, [event], now)
}

/** Writes envelopes to the outbox table, 25 a call; `onStored` is told how many so far. */
export const storeEnvelopes = async (
  client: DynamoDBClient,
  tableName: string,
  envelopes: readonly Envelope[],
  onStored: (count: number) => void,
): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(envelopes.length / 25) }, (_, n) =>
    envelopes.slice(25 * n, 25 * (n + 1)),
  )
  let stored = 0
  await inParallel(batches, 8, async (batch) => {
    const requests = batch.map((envelope) => ({
      PutRequest: { Item: putEnvelope(tableName, envelope).Put?.Item },
    }))
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }),
    )
    if (Object.keys(UnprocessedItems).length > 0) throw new Error('the store left items unprocessed')
    stored += batch.length
    onStored(stored)
  })
}
