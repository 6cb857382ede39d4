import { Readable } from 'node:stream'
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  NotFound,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { type DeliveryFiles, type FileAddress, FileGone } from '@stockroom/domain/upload/delivery-files'
import type { PinnedFile } from '@stockroom/domain/upload/delivery-upload'
import { deliveryFileKey } from './upload-object-keys.ts'

/** What S3 answers when the pinned content cannot be had any more; a bucket that is missing is another matter. */
const gone = new Set(['NoSuchKey', 'NoSuchVersion', 'PreconditionFailed'])

/** Delivery files in the uploads bucket, pinned by ETag and, where the bucket keeps versions, by version. */
export class S3DeliveryFiles implements DeliveryFiles {
  readonly #client: S3Client
  readonly #bucket: string

  constructor({ client, uploadsBucket }: { readonly client: S3Client; readonly uploadsBucket: string }) {
    this.#client = client
    this.#bucket = uploadsBucket
  }

  // S3 says 404 only to callers that may list the bucket, and 403 to others (S3 API reference, "HeadObject").
  async head(address: FileAddress): ReturnType<DeliveryFiles['head']> {
    const object = { Bucket: this.#bucket, Key: deliveryFileKey(address) }
    try {
      const { ETag, VersionId, ContentLength, ContentType } = await this.#client.send(
        new HeadObjectCommand(object),
      )
      if (ETag === undefined || ContentLength === undefined)
        throw new Error(`HeadObject of ${object.Key} answered without ETag or length`)
      return {
        eTag: ETag,
        ...(VersionId === undefined ? {} : { versionId: VersionId }),
        sizeBytes: ContentLength,
        contentType: ContentType ?? '',
      }
    } catch (error) {
      if (error instanceof NotFound) return undefined
      throw error
    }
  }

  async read(address: FileAddress, file: PinnedFile, start: number, end: number): Promise<Uint8Array> {
    return (await this.#get(address, file, start, end)).transformToByteArray()
  }

  async *stream(
    address: FileAddress,
    file: PinnedFile,
    start: number,
    end: number,
  ): AsyncGenerator<Uint8Array> {
    const body = await this.#get(address, file, start, end)
    if (!(body instanceof Readable)) throw new TypeError('The SDK gives a Readable in Node')
    const blocks: AsyncIterable<Uint8Array> = body
    // Leaving the loop early destroys the stream, and with it the connection: the rest is never fetched.
    yield* blocks
  }

  async #get(
    address: FileAddress,
    { eTag, versionId }: PinnedFile,
    start: number,
    end: number,
  ): Promise<NonNullable<GetObjectCommandOutput['Body']>> {
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({
          Bucket: this.#bucket,
          Key: deliveryFileKey(address),
          IfMatch: eTag,
          VersionId: versionId,
          Range: `bytes=${start}-${end - 1}`,
        }),
      )
      if (Body === undefined) throw new Error('GetObject answered without a body')
      return Body
    } catch (error) {
      if (error instanceof S3ServiceException && gone.has(error.name)) throw new FileGone(address)
      throw error
    }
  }
}
