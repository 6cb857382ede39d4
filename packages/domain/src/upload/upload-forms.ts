import type { FileAddress } from './delivery-files.ts'

/** An HTML form's worth of permission to put one file at one key. */
export interface UploadForm {
  readonly url: string
  readonly fields: Readonly<Record<string, string>>
}

/** Issues upload forms. */
export interface UploadForms {
  /** MUST allow the upload's own key only, content type `text/csv`, a size within the range, and no use after `seconds`. */
  issue(
    address: FileAddress,
    limits: { readonly minBytes: number; readonly maxBytes: number; readonly seconds: number },
  ): Promise<UploadForm>
}
