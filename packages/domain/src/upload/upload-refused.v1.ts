import * as z from 'zod/mini'
import { event } from '../events/event.ts'
import { UploadProblemCode } from './upload-problem.ts'

/** The file as a whole cannot be imported; no stock changed. */
export const UploadRefusedV1 = event(
  'upload.refused.v1',
  z.object({ filename: z.string(), code: UploadProblemCode, reason: z.string() }),
)
export type UploadRefusedV1 = z.infer<typeof UploadRefusedV1>
