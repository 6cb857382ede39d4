import type { Cause } from '../cause.ts'
import { attributesOf, type EventSource } from '../events/event.ts'
import type { Sku } from '../sku.ts'
import type { SkuDelivery } from './stock-parts.ts'
import type { StockReceivedV1 } from './stock-received.v1.ts'
import type { AppliedPart, ChunkAddress, UploadRepository } from './upload-repository.ts'

const fiveDigits = (n: number) => String(n).padStart(5, '0')

/**
 * Adds the stock of one part in one transaction; without the skus that the store refuses, which its marker then names, so
 * that a later delivery reads the decision instead of taking it again.
 */
export const applyPart = async (
  { uploads, ...source }: EventSource & { readonly uploads: UploadRepository },
  {
    address,
    part,
    deliveries,
    cause,
  }: {
    readonly address: ChunkAddress
    readonly part: number
    readonly deliveries: readonly SkuDelivery[]
    readonly cause: Cause
  },
): Promise<AppliedPart> => {
  let refusedSkus: readonly Sku[] = []
  for (;;) {
    const received = deliveries.filter(({ stock }) => !refusedSkus.includes(stock.sku))
    const event =
      received.length === 0 ? undefined : stockReceived(source, { address, part, received, cause })
    const commit = await uploads.applyPart({
      ...address,
      part,
      stock: received.map(({ stock }) => stock),
      rowsAccepted: received.reduce((sum, { lines }) => sum + lines.length, 0),
      refusedSkus,
      ...(event === undefined ? {} : { event }),
    })
    if (commit.outcome === 'applied') return commit.marker
    refusedSkus = [...refusedSkus, ...commit.skus]
  }
}

/** Each part is an aggregate of its own with this one event: parts commit in any order and share no counter. */
const stockReceived = (
  source: EventSource,
  {
    address: { merchant, uploadId, chunk },
    part,
    received,
    cause,
  }: {
    readonly address: ChunkAddress
    readonly part: number
    readonly received: readonly SkuDelivery[]
    readonly cause: Cause
  },
): StockReceivedV1 => ({
  ...attributesOf(source, {
    merchant,
    subject: `${uploadId}/${fiveDigits(chunk)}/${fiveDigits(part)}`,
    version: 1,
    cause,
  }),
  type: 'stock.received.v1',
  data: { uploadId, items: received.map(({ stock: { sku, quantity } }) => ({ sku, quantity })) },
})
