import type { UploadId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { Sku } from '../sku.ts'
import type { DeliveryUpload, UploadIn } from './delivery-upload.ts'
import type { ReceivedStock } from './stock-parts.ts'
import type { StockReceivedV1 } from './stock-received.v1.ts'
import type { UploadImportedV1 } from './upload-imported.v1.ts'
import type { UploadPlan } from './upload-plan.ts'
import type { UploadPlannedV1 } from './upload-planned.v1.ts'
import type { UploadRefusedV1 } from './upload-refused.v1.ts'

/** A decided change of an upload with the event that tells of it. */
export type UploadChange =
  | {
      readonly upload: UploadIn<'importing'>
      readonly plan: UploadPlan
      readonly event: UploadPlannedV1
    }
  | {
      readonly upload: UploadIn<'imported' | 'imported_with_rejects'>
      readonly event: UploadImportedV1
    }
  | { readonly upload: UploadIn<'refused'>; readonly event: UploadRefusedV1 }

/** One chunk of one upload; chunks are counted from 1. */
export interface ChunkAddress {
  readonly merchant: MerchantId
  readonly uploadId: UploadId
  readonly chunk: number
}

/** What the marker of an applied part says: how many rows' stock was added, and which of its skus the store refused. */
export interface AppliedPart {
  readonly rowsAccepted: number
  readonly refusedSkus: readonly Sku[]
}

/** One transaction's worth of a chunk; parts are counted from 1. Without stock there is no event, but still a marker. */
export interface StockPart extends ChunkAddress, AppliedPart {
  readonly part: number
  readonly stock: readonly ReceivedStock[]
  readonly event?: StockReceivedV1
}

/**
 * `applied` gives what the marker says, by this call or an earlier one. `stock_refused` names at least one sku whose product
 * has another currency or would exceed 2^53 - 1 units; nothing was written.
 */
export type PartCommit =
  | { readonly outcome: 'applied'; readonly marker: AppliedPart }
  | { readonly outcome: 'stock_refused'; readonly skus: readonly Sku[] }

export interface ChunkProgress {
  readonly closed: boolean
  /** The markers of the parts applied so far. */
  readonly parts: ReadonlyMap<number, AppliedPart>
}

/** Keeps uploads, their plans and how far each chunk has got. All reads MUST be consistent; all writes throw `Busy` when contention outlasts the time budget. */
export interface UploadRepository {
  create(upload: UploadIn<'awaiting_upload'>): Promise<void>

  find(merchant: MerchantId, id: UploadId): Promise<DeliveryUpload | undefined>

  findPlan(merchant: MerchantId, id: UploadId): Promise<UploadPlan | undefined>

  /**
   * MUST write the upload, the plan and the event's envelope in one transaction, or nothing.
   * `version_moved` when the stored version is not `upload.version - 1`: another delivery of the same message was first.
   */
  commit(change: UploadChange): Promise<'committed' | 'version_moved'>

  chunkProgress(address: ChunkAddress): Promise<ChunkProgress>

  /**
   * MUST write stock, the event's envelope and the part's marker in one transaction, or nothing: the marker exists if and
   * only if the stock was added. A part whose marker exists is `applied` and changes nothing, whatever else would refuse it.
   */
  applyPart(part: StockPart): Promise<PartCommit>

  /** MUST mark the chunk and add its counts to the upload in one transaction, once: `already_closed` changes nothing. */
  closeChunk(
    address: ChunkAddress,
    counts: { readonly rowsAccepted: number; readonly rowsRejected: number },
  ): Promise<'closed' | 'already_closed'>
}
