import * as z from 'zod/mini'
import { event } from '../events/event.ts'

/** The file is readable and cut into chunks; import has begun. */
export const UploadPlannedV1 = event(
  'upload.planned.v1',
  z.object({ filename: z.string(), sizeBytes: z.int(), chunks: z.int() }),
)
export type UploadPlannedV1 = z.infer<typeof UploadPlannedV1>
