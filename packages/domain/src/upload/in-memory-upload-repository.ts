import type { StockroomEvent } from '../events/catalogue.ts'
import type { UploadId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { InMemoryProductRepository } from '../product/in-memory-product-repository.ts'
import type { DeliveryUpload, UploadIn } from './delivery-upload.ts'
import type { UploadPlan } from './upload-plan.ts'
import type {
  AppliedPart,
  ChunkAddress,
  ChunkProgress,
  PartCommit,
  StockPart,
  UploadChange,
  UploadRepository,
} from './upload-repository.ts'

const uploadKey = (merchant: MerchantId, id: UploadId) => `${merchant}#${id}`
const chunkKey = ({ merchant, uploadId, chunk }: ChunkAddress) => `${uploadKey(merchant, uploadId)}#${chunk}`

interface ClosedChunk {
  readonly uploadId: UploadId
  readonly rowsAccepted: number
  readonly rowsRejected: number
}

/** Uploads of all merchants; moves the stock of `products` and appends events to `outbox`. */
export class InMemoryUploadRepository implements UploadRepository {
  readonly #uploads = new Map<string, DeliveryUpload>()
  readonly #plans = new Map<string, UploadPlan>()
  readonly #closed = new Map<string, ClosedChunk>()
  readonly #parts = new Map<string, Map<number, AppliedPart>>()
  readonly #products: InMemoryProductRepository
  readonly #outbox: Pick<StockroomEvent[], 'push'>

  constructor({
    products,
    outbox,
  }: {
    readonly products: InMemoryProductRepository
    readonly outbox: Pick<StockroomEvent[], 'push'>
  }) {
    this.#products = products
    this.#outbox = outbox
  }

  /** Everything that is kept, for audits. */
  rows(): { readonly uploads: readonly DeliveryUpload[]; readonly chunks: readonly ClosedChunk[] } {
    return { uploads: [...this.#uploads.values()], chunks: [...this.#closed.values()] }
  }

  async create(upload: UploadIn<'awaiting_upload'>): Promise<void> {
    const key = uploadKey(upload.merchant, upload.id)
    if (this.#uploads.has(key)) throw new Error(`${upload.id} exists`)
    this.#uploads.set(key, structuredClone(upload))
  }

  async find(merchant: MerchantId, id: UploadId): Promise<DeliveryUpload | undefined> {
    return structuredClone(this.#uploads.get(uploadKey(merchant, id)))
  }

  async findPlan(merchant: MerchantId, id: UploadId): Promise<UploadPlan | undefined> {
    return structuredClone(this.#plans.get(uploadKey(merchant, id)))
  }

  // In the three writes there is no await between the first check and the last change: that is the transaction.

  async commit(change: UploadChange): Promise<'committed' | 'version_moved'> {
    const { upload, event } = change
    const key = uploadKey(upload.merchant, upload.id)
    if (this.#uploads.get(key)?.version !== upload.version - 1) return 'version_moved'
    this.#uploads.set(key, structuredClone(upload))
    if ('plan' in change) this.#plans.set(key, structuredClone(change.plan))
    this.#outbox.push(structuredClone(event))
    return 'committed'
  }

  async chunkProgress(address: ChunkAddress): Promise<ChunkProgress> {
    const key = chunkKey(address)
    return { closed: this.#closed.has(key), parts: structuredClone(this.#parts.get(key) ?? new Map()) }
  }

  async applyPart(stockPart: StockPart): Promise<PartCommit> {
    const { merchant, part, stock, rowsAccepted, refusedSkus, event } = stockPart
    const parts = this.#parts.get(chunkKey(stockPart)) ?? new Map<number, AppliedPart>()
    const earlier = parts.get(part)
    if (earlier !== undefined) return { outcome: 'applied', marker: structuredClone(earlier) }
    const skus = this.#products.move(merchant, stock)
    if (skus.length > 0) return { outcome: 'stock_refused', skus }
    const marker = { rowsAccepted, refusedSkus: [...refusedSkus] }
    this.#parts.set(chunkKey(stockPart), parts.set(part, marker))
    if (event !== undefined) this.#outbox.push(structuredClone(event))
    return { outcome: 'applied', marker: structuredClone(marker) }
  }

  async closeChunk(
    address: ChunkAddress,
    counts: { readonly rowsAccepted: number; readonly rowsRejected: number },
  ): Promise<'closed' | 'already_closed'> {
    const chunk = chunkKey(address)
    if (this.#closed.has(chunk)) return 'already_closed'
    const key = uploadKey(address.merchant, address.uploadId)
    const upload = this.#uploads.get(key)
    if (upload?.status !== 'importing') throw new Error(`${address.uploadId} is not importing`)
    this.#closed.set(chunk, { uploadId: address.uploadId, ...counts })
    this.#uploads.set(key, {
      ...upload,
      chunksClosed: upload.chunksClosed + 1,
      rowsAccepted: upload.rowsAccepted + counts.rowsAccepted,
      rowsRejected: upload.rowsRejected + counts.rowsRejected,
    })
    return 'closed'
  }
}
