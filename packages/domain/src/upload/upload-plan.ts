import * as z from 'zod/mini'

const Count = z.int().check(z.minimum(0))

/** Bytes `start` to `end` of the file: whole records only, the first one on line `line`. */
export const PlannedChunk = z.object({ start: Count, end: Count, line: Count, rows: Count })
export type PlannedChunk = z.infer<typeof PlannedChunk>

/** Where the header puts each column, and how many there are in all. */
export const DeliveryColumns = z.object({
  count: Count,
  sku: Count,
  name: Count,
  quantity: Count,
  unitPrice: Count,
})
export type DeliveryColumns = z.infer<typeof DeliveryColumns>

/** How a file is imported. Never changes once written, so that every delivery of a chunk sees the same rows. Chunk n is `chunks[n - 1]`. */
export const UploadPlan = z.object({
  columns: DeliveryColumns,
  /** How many skus one transaction takes; in the plan, because a part must be the same at every delivery of its chunk. */
  partSkus: z.int().check(z.minimum(1)),
  chunks: z.array(PlannedChunk).check(z.minLength(1)),
})
export type UploadPlan = z.infer<typeof UploadPlan>
