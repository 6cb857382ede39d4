import { UploadId } from '@stockroom/domain/ids'
import { Currency } from '@stockroom/domain/money'
import type { DeliveryUpload } from '@stockroom/domain/upload/delivery-upload'
import { UploadProblemCode } from '@stockroom/domain/upload/upload-problem'
import * as z from 'zod/mini'

/** An upload as callers see it. Which of the optional members it has depends on its status. */
export const UploadView = z.object({
  id: UploadId,
  status: z.enum(['awaiting_upload', 'importing', 'imported', 'imported_with_rejects', 'refused']),
  /** Counts its events; the sequence of the newest. */
  version: z.int(),
  filename: z.string(),
  currency: Currency,
  requestedAt: z.iso.datetime(),
  /** When the form ends. */
  expiresAt: z.iso.datetime(),
  plannedAt: z.optional(z.iso.datetime()),
  importedAt: z.optional(z.iso.datetime()),
  refusedAt: z.optional(z.iso.datetime()),
  /** Of the file, once it is planned; chunks are worked on side by side. */
  progress: z.optional(
    z.object({
      sizeBytes: z.int(),
      chunks: z.int(),
      chunksClosed: z.int(),
      rows: z.int(),
      rowsAccepted: z.int(),
      rowsRejected: z.int(),
    }),
  ),
  /** Why the file is refused as a whole. */
  problem: z.optional(z.object({ code: UploadProblemCode, reason: z.string() })),
})
export type UploadView = z.infer<typeof UploadView>

export const viewUpload = (upload: DeliveryUpload): UploadView =>
  z.parse(UploadView, {
    ...upload,
    ...('file' in upload && {
      progress: { chunksClosed: upload.chunks, ...upload, sizeBytes: upload.file.sizeBytes },
    }),
    ...(upload.status === 'refused' && { problem: upload }),
  } satisfies { readonly [member in keyof UploadView]: unknown })

/** For the API's description. */
export const exampleUpload = {
  id: 'upl_01KAR3ZJ5T8Q6W2V9X4Y7B1C3D',
  status: 'imported_with_rejects',
  version: 2,
  filename: 'delivery-2026-11-23.csv',
  currency: 'GBP',
  requestedAt: '2026-11-23T09:00:00.000Z',
  expiresAt: '2026-11-23T09:05:00.000Z',
  plannedAt: '2026-11-23T09:00:07.000Z',
  importedAt: '2026-11-23T09:00:09.000Z',
  progress: {
    sizeBytes: 141_204,
    chunks: 1,
    chunksClosed: 1,
    rows: 3_108,
    rowsAccepted: 3_095,
    rowsRejected: 13,
  },
}
