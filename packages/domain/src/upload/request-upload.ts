import * as z from 'zod/mini'
import type { Cause } from '../cause.ts'
import type { Clock } from '../clock.ts'
import type { Ids } from '../ids.ts'
import { isKnownCurrency } from '../is-known-currency.ts'
import type { MerchantId } from '../merchant-id.ts'
import { Currency } from '../money.ts'
import type { UploadIn } from './delivery-upload.ts'
import type { UploadForm, UploadForms } from './upload-forms.ts'
import { uploadLimits } from './upload-limits.ts'
import type { UploadRepository } from './upload-repository.ts'

/** What a merchant says of a file to come. With `sizeBytes` the form takes a file of exactly that size. */
export const RequestUpload = z.strictObject({
  filename: z
    .string()
    .check(z.regex(/^[^\p{C}/\\]{1,255}$/u, '1 to 255 printable characters without slashes')),
  currency: Currency.check(z.refine(isKnownCurrency, 'not an ISO 4217 currency')),
  sizeBytes: z.exactOptional(z.int().check(z.minimum(1), z.maximum(uploadLimits.fileBytes))),
})
export type RequestUpload = z.infer<typeof RequestUpload>

/**
 * Registers an upload and issues its form. What happens to the file is next read in `plan-upload.ts`. The same file under
 * two uploads counts twice: two deliveries of the same goods are not told apart from one sent twice.
 */
export const makeRequestUpload =
  ({
    uploads,
    forms,
    ids,
    clock,
  }: {
    uploads: UploadRepository
    forms: UploadForms
    ids: Ids
    clock: Clock
  }) =>
  async (
    command: RequestUpload & { readonly merchant: MerchantId },
    cause: Cause,
  ): Promise<{ readonly upload: UploadIn<'awaiting_upload'>; readonly form: UploadForm }> => {
    const { merchant, filename, currency, sizeBytes } = command
    const now = clock.now()
    const upload: UploadIn<'awaiting_upload'> = {
      id: ids.next('upl'),
      merchant,
      filename,
      currency,
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
      requestedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + uploadLimits.formSeconds * 1_000).toISOString(),
      cause,
      status: 'awaiting_upload',
      version: 0,
    }
    const form = await forms.issue(
      { merchant, uploadId: upload.id },
      {
        minBytes: sizeBytes ?? 0,
        maxBytes: sizeBytes ?? uploadLimits.fileBytes,
        seconds: uploadLimits.formSeconds,
      },
    )
    await uploads.create(upload)
    return { upload, form }
  }
