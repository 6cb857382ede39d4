import type { S3Client } from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import type { FileAddress } from '@stockroom/domain/upload/delivery-files'
import type { UploadForm, UploadForms } from '@stockroom/domain/upload/upload-forms'
import { deliveryFileKey } from './upload-object-keys.ts'

/** Presigned POST policies: S3 refuses a form that was changed, is late, or brings more or fewer bytes. A presigned PUT could not say how many. */
export class S3UploadForms implements UploadForms {
  readonly #client: S3Client
  readonly #bucket: string

  constructor({ client, uploadsBucket }: { readonly client: S3Client; readonly uploadsBucket: string }) {
    this.#client = client
    this.#bucket = uploadsBucket
  }

  async issue(
    address: FileAddress,
    { minBytes, maxBytes, seconds }: { minBytes: number; maxBytes: number; seconds: number },
  ): Promise<UploadForm> {
    return createPresignedPost(this.#client, {
      Bucket: this.#bucket,
      Key: deliveryFileKey(address),
      // A field stands in the policy as a condition of its own: the form must send exactly this type.
      Fields: { 'Content-Type': 'text/csv' },
      Conditions: [['content-length-range', minBytes, maxBytes]],
      Expires: seconds,
    })
  }
}
