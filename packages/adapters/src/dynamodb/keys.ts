import { createHash } from 'node:crypto'
import type { KeyedRequest } from '@stockroom/domain/idempotency/keyed-request'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { OrderStatus } from '@stockroom/domain/order/order'
import type { Sku } from '@stockroom/domain/sku'

/**
 * Every key of every table. The merchant leads each partition key, so that no key can be built without one;
 * `#` separates and occurs in no part. Indexes: `orders-by-status` and `orders-for-clock` on the shop table,
 * `unpublished` on the outbox table.
 */

type Key = { readonly pk: string; readonly sk: string }

/** Shop table. All products of a merchant share a partition key, so that a list is one query; DynamoDB splits it by sku when hot. */
export const productsOf = (merchant: MerchantId): string => `${merchant}#PRODUCT`
export const productKey = (merchant: MerchantId, sku: Sku): Key => ({ pk: productsOf(merchant), sk: sku })

export const orderKey = (merchant: MerchantId, id: string): Key => ({
  pk: `${merchant}#ORDER#${id}`,
  sk: 'ORDER',
})

/** A long order before it is placed, beside the key that it will have. */
export const reservationKey = (merchant: MerchantId, id: string): Key => ({
  ...orderKey(merchant, id),
  sk: 'RESERVATION',
})
/** How far the stock of a long order has moved, while it moves. */
export const stockProgressKey = (merchant: MerchantId, id: string): Key => ({
  ...orderKey(merchant, id),
  sk: 'STOCK',
})

export const answerKey = (request: KeyedRequest): Key => {
  const hash = createHash('sha256')
    .update(JSON.stringify([request.principal, request.route, request.key]))
    .digest('hex')
  return { pk: `${request.merchant}#ANSWER#${hash}`, sk: 'ANSWER' }
}

/** The bucket of a merchant's requests. */
export const rateLimitKey = (merchant: MerchantId): Key => ({ pk: `${merchant}#RATE-LIMIT`, sk: 'BUCKET' })

const uploadPartition = (merchant: MerchantId, id: string) => `${merchant}#UPLOAD#${id}`
const padded = (n: number, width: number) => String(n).padStart(width, '0')
export const uploadKey = (merchant: MerchantId, id: string): Key => ({
  pk: uploadPartition(merchant, id),
  sk: 'UPLOAD',
})
export const planKey = (merchant: MerchantId, id: string): Key => ({
  pk: uploadPartition(merchant, id),
  sk: 'PLAN',
})
/** The chunk's own marker; those of its parts begin with the same text, so that one query gives all. */
export const chunkKey = (merchant: MerchantId, id: string, chunk: number): Key => ({
  pk: uploadPartition(merchant, id),
  sk: `CHUNK#${padded(chunk, 5)}`,
})
export const chunkPartKey = (merchant: MerchantId, id: string, chunk: number, part: number): Key => ({
  pk: uploadPartition(merchant, id),
  sk: `CHUNK#${padded(chunk, 5)}#PART#${padded(part, 5)}`,
})

/** How far a scheduled job has got; the only items that belong to no merchant. */
export const watermarkKey = (job: string): Key => ({ pk: `CLOCK#${job}`, sk: 'WATERMARK' })

/** Index `orders-by-status`: `statusKey` and `statusSort` (newest first by reading backwards). */
export const ordersByStatus = (merchant: MerchantId, status: OrderStatus): string =>
  `${merchant}#ORDERS#${status}`

/** Index `orders-for-clock` (sparse): `clockKey` and `clockSort`. What the clock looks at next: placed orders by expiry, the stock of long orders by when it should be at rest, paid orders by day. */
export const clockShards = 4
export const expiryShard = (shard: number): string => `EXPIRY#${shard}`
export const paidDayShard = (day: string, shard: number): string => `PAID#${day}#${shard}`

/** Outbox table. */
export const envelopeKey = (tenant: string, aggregate: string, seq: number): Key => ({
  pk: `${tenant}#${aggregate}`,
  sk: padded(seq, 10),
})
/** Index `unpublished` (sparse): `pendingShard` and `createdAt`. */
export const pendingShards = 8
export const pendingShard = (shard: number): string => `PENDING#${shard}`

/** Webhooks table. */
export const endpointsOf = (merchant: MerchantId): string => `${merchant}#ENDPOINT`
/** How many endpoints a merchant has; apart from them, so that the list is one query. */
export const endpointCountKey = (merchant: MerchantId): Key => ({
  pk: `${merchant}#ENDPOINT-COUNT`,
  sk: 'COUNT',
})
export const endpointKey = (merchant: MerchantId, id: string): Key => ({ pk: endpointsOf(merchant), sk: id })
export const deliveriesOf = (merchant: MerchantId, endpoint: string): string =>
  `${merchant}#DELIVERY#${endpoint}`
export const deliveryKey = (merchant: MerchantId, endpoint: string, eventId: string): Key => ({
  pk: deliveriesOf(merchant, endpoint),
  sk: eventId,
})
export const subjectCursorKey = (merchant: MerchantId, subject: string): Key => ({
  pk: `${merchant}#SUBJECT#${subject}`,
  sk: 'CURSOR',
})

/** Spreads items over shards by their own id, the same one each time. */
export const shardOf = (id: string, shards: number): number =>
  createHash('sha256').update(id).digest().readUInt32BE(0) % shards
