import * as z from 'zod/mini'
import { UploadId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { Currency } from '../money.ts'
import { UploadProblemCode } from './upload-problem.ts'

const Count = z.int().check(z.minimum(0))

const common = {
  id: UploadId,
  merchant: MerchantId,
  /** The merchant's own name for the file; shown, never part of a key. */
  filename: z.string(),
  /** Of all prices in the file. */
  currency: Currency,
  /** As announced with the request; the file must then have exactly this size. */
  sizeBytes: z.exactOptional(Count),
  requestedAt: z.iso.datetime(),
  /** When the form ends. */
  expiresAt: z.iso.datetime(),
  /** The request that began it: S3 notifies without a trace, and what follows from the file belongs to this one. */
  cause: z.object({ correlationId: z.string(), traceparent: z.exactOptional(z.string()) }),
}

/** The one content of the object that the plan was made from, whatever is uploaded to its key later. */
export const PinnedFile = z.object({
  eTag: z.string(),
  versionId: z.exactOptional(z.string()),
  sizeBytes: Count,
})
export type PinnedFile = z.infer<typeof PinnedFile>

const planned = {
  ...common,
  file: PinnedFile,
  chunks: Count,
  rows: Count,
  rowsAccepted: Count,
  rowsRejected: Count,
  plannedAt: z.iso.datetime(),
}

/**
 * A delivery file in one of its states. `version` counts its events and is the sequence of the newest: the request has none,
 * the plan is the first. Planned and importing are one state, because nothing happens between the plan and its first chunk
 * that anybody could rely on.
 */
export const DeliveryUpload = z.discriminatedUnion('status', [
  z.object({ ...common, status: z.literal('awaiting_upload'), version: z.literal(0) }),
  z.object({ ...planned, status: z.literal('importing'), version: z.literal(1), chunksClosed: Count }),
  z.object({
    ...planned,
    status: z.literal('imported'),
    version: z.literal(2),
    importedAt: z.iso.datetime(),
  }),
  z.object({
    ...planned,
    status: z.literal('imported_with_rejects'),
    version: z.literal(2),
    importedAt: z.iso.datetime(),
  }),
  z.object({
    ...common,
    status: z.literal('refused'),
    version: z.literal(1),
    code: UploadProblemCode,
    reason: z.string(),
    refusedAt: z.iso.datetime(),
  }),
])
export type DeliveryUpload = z.infer<typeof DeliveryUpload>

export type UploadIn<S extends DeliveryUpload['status']> = Extract<DeliveryUpload, { status: S }>
