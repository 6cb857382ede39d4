import * as z from 'zod/mini'

/** Every reason for which a file as a whole cannot be imported. */
export const UploadProblemCode = z.enum([
  'file.missing',
  'file.wrong_type',
  'file.wrong_size',
  'file.empty',
  'file.not_utf8',
  'file.not_text',
  'file.record_too_long',
  'file.open_quote',
  'file.too_many_rows',
  'header.unreadable',
  'header.column_missing',
  'header.column_twice',
])
export type UploadProblemCode = z.infer<typeof UploadProblemCode>

/** Why a file is refused, in words for the merchant that name the line or the column. */
export interface UploadProblem {
  readonly code: UploadProblemCode
  readonly reason: string
}
