import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { FileAddress } from '@stockroom/domain/upload/delivery-files'
import type { RejectLinks } from '@stockroom/domain/upload/reject-links'
import { rejectsKey } from './upload-object-keys.ts'

/** Presigned GETs of what `S3RejectFiles` merged; signed here, without asking S3. */
export class S3RejectLinks implements RejectLinks {
  readonly #client: S3Client
  readonly #bucket: string

  constructor({ client, exportsBucket }: { readonly client: S3Client; readonly exportsBucket: string }) {
    this.#client = client
    this.#bucket = exportsBucket
  }

  async link(address: FileAddress, seconds: number): Promise<string> {
    const object = new GetObjectCommand({ Bucket: this.#bucket, Key: rejectsKey(address) })
    return getSignedUrl(this.#client, object, { expiresIn: seconds })
  }
}
