import type { FileAddress } from './delivery-files.ts'
import type { UploadForm, UploadForms } from './upload-forms.ts'

/** Forms that state their limits in plain fields; whoever plays S3 enforces them. */
export class InMemoryUploadForms implements UploadForms {
  async issue(
    { merchant, uploadId }: FileAddress,
    { minBytes, maxBytes, seconds }: { minBytes: number; maxBytes: number; seconds: number },
  ): Promise<UploadForm> {
    return {
      url: 'https://uploads.invalid/',
      fields: {
        key: `uploads/${merchant}/${uploadId}.csv`,
        'Content-Type': 'text/csv',
        'content-length-range': `${minBytes},${maxBytes}`,
        expires: String(seconds),
      },
    }
  }
}
