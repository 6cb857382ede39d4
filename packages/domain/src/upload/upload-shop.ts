import { CountingIds } from '../counting-ids.ts'
import type { StockroomEvent } from '../events/catalogue.ts'
import { ManualClock } from '../manual-clock.ts'
import { MerchantId } from '../merchant-id.ts'
import { Currency } from '../money.ts'
import { InMemoryProductRepository } from '../product/in-memory-product-repository.ts'
import { Sku } from '../sku.ts'
import type { FileAddress } from './delivery-files.ts'
import { makeImportChunk } from './import-chunk.ts'
import { InMemoryChunkQueue } from './in-memory-chunk-queue.ts'
import { InMemoryDeliveryFiles } from './in-memory-delivery-files.ts'
import { InMemoryRejectFiles } from './in-memory-reject-files.ts'
import { InMemoryUploadForms } from './in-memory-upload-forms.ts'
import { InMemoryUploadRepository } from './in-memory-upload-repository.ts'
import { makePlanUpload } from './plan-upload.ts'
import { makeRequestUpload, type RequestUpload } from './request-upload.ts'
import { type UploadLimits, uploadLimits } from './upload-limits.ts'

/** How tests look at every call of a port: the port's method and the call itself. */
export type Around = <T>(name: string, call: () => T) => T

const watched = <T extends object>(port: T, around: Around): T =>
  new Proxy(port, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name)
      return typeof method === 'function'
        ? (...given: unknown[]) => around(String(name), () => Reflect.apply(method, target, given))
        : method
    },
  })

/** A shop in memory that takes uploads, for tests: small limits, and a way to come between any two steps. */
export const uploadShop = ({
  around = (_, call) => call(),
  limits = {},
}: {
  readonly around?: Around
  readonly limits?: Partial<UploadLimits>
} = {}) => {
  const merchant = MerchantId.parse('acme')
  const clock = new ManualClock()
  const source = { ids: new CountingIds(), clock }
  const products = new InMemoryProductRepository()
  const outbox: StockroomEvent[] = []
  const uploads = new InMemoryUploadRepository({ products, outbox })
  const files = new InMemoryDeliveryFiles({ blockBytes: 16 })
  const rejectFiles = new InMemoryRejectFiles()
  const queue = new InMemoryChunkQueue()
  const ports = {
    ...source,
    uploads: watched(uploads, around),
    files: watched(files, around),
    rejectFiles: watched(rejectFiles, around),
    queue: watched(queue, around),
    limits: { ...uploadLimits, chunkRows: 4, partSkus: 2, ...limits },
  }
  const requestUpload = makeRequestUpload({ ...source, uploads, forms: new InMemoryUploadForms() })

  return {
    merchant,
    products,
    uploads,
    files,
    rejectFiles,
    queue,
    outbox,
    clock,
    requestUpload,
    planUpload: makePlanUpload(ports),
    importChunk: makeImportChunk(ports),

    async request(command: Partial<RequestUpload> = {}): Promise<FileAddress> {
      const { upload } = await requestUpload(
        { merchant, filename: 'delivery.csv', currency: Currency.parse('EUR'), ...command },
        { correlationId: 'request-1' },
      )
      return { merchant, uploadId: upload.id }
    },

    /** A product that an earlier delivery brought. */
    stock(sku: string, quantity: number, currency = 'EUR'): void {
      products.move(merchant, [
        {
          kind: 'receive',
          sku: Sku.parse(sku),
          quantity,
          name: sku,
          unitPrice: { amount: 100, currency: Currency.parse(currency) },
        },
      ])
    },

    /** Everything that anybody can see afterwards, without the ids of events. */
    async outcome(address: FileAddress) {
      const { items } = await products.page(merchant, { limit: 1_000 })
      return {
        stock: Object.fromEntries(items.map(({ sku, received }) => [sku, received])),
        upload: await uploads.find(merchant, address.uploadId),
        rejects: rejectFiles.merged(address),
        events: outbox
          .map(({ type, subject, sequence, correlationid, data }) => ({
            type,
            subject,
            sequence,
            correlationid,
            data,
          }))
          .sort((a, b) => (a.subject + a.sequence < b.subject + b.sequence ? -1 : 1)),
      }
    },
  }
}
export type UploadShop = ReturnType<typeof uploadShop>
