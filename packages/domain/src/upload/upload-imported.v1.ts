import * as z from 'zod/mini'
import { event } from '../events/event.ts'

/** Every row of the file is accounted for: applied to stock, or rejected with a reason. */
export const UploadImportedV1 = event(
  'upload.imported.v1',
  z.object({ filename: z.string(), rowsAccepted: z.int(), rowsRejected: z.int() }),
)
export type UploadImportedV1 = z.infer<typeof UploadImportedV1>
