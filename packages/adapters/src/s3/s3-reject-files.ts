import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { FileAddress } from '@stockroom/domain/upload/delivery-files'
import type { RejectFiles } from '@stockroom/domain/upload/reject-files'
import { rejectsHeader } from '@stockroom/domain/upload/rejects-csv'
import type { ChunkAddress } from '@stockroom/domain/upload/upload-repository'
import { chunkRejectsKey, chunkRejectsPrefix, rejectsKey } from './upload-object-keys.ts'

const ContentType = 'text/csv; charset=utf-8'
/** Every part but the last has at least 5 MiB (S3 guide, "qfacts"). */
const minPartBytes = 5 * 1024 ** 2

/** Rejects in the exports bucket: one object per chunk that had some, and one per upload. */
export class S3RejectFiles implements RejectFiles {
  readonly #client: S3Client
  readonly #bucket: string

  constructor({ client, exportsBucket }: { readonly client: S3Client; readonly exportsBucket: string }) {
    this.#client = client
    this.#bucket = exportsBucket
  }

  async writeChunk(address: ChunkAddress, csv: string): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: chunkRejectsKey(address),
        Body: csv,
        ContentType,
      }),
    )
  }

  /**
   * A multipart upload: the object appears when it is completed, and its parts come from memory. As one PutObject its body would
   * have to be a stream, and the SDK ends the process when that fails halfway. What a crash leaves, the bucket's lifecycle deletes.
   */
  async merge(address: FileAddress): Promise<void> {
    const object = { Bucket: this.#bucket, Key: rejectsKey(address) }
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({
        ...object,
        ContentType,
        ContentDisposition: `attachment; filename="rejects-${address.uploadId}.csv"`,
        // The SDK sends this checksum with each part, and S3 refuses parts with one that the upload did not announce; the SDK does not for us.
        ChecksumAlgorithm: 'CRC32',
      }),
    )
    const Parts: CompletedPart[] = []
    for await (const Body of this.#parts(address)) {
      const PartNumber = Parts.length + 1
      const { ETag, ChecksumCRC32 } = await this.#client.send(
        new UploadPartCommand({ ...object, UploadId, PartNumber, Body }),
      )
      Parts.push({ PartNumber, ETag, ChecksumCRC32 })
    }
    await this.#client.send(
      new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }),
    )
  }

  /** Header and chunks in their order, in blocks that are large enough to be parts. */
  async *#parts(address: FileAddress): AsyncGenerator<Uint8Array> {
    let block = Buffer.from(rejectsHeader)
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: chunkRejectsPrefix(address) },
    )
    for await (const { Contents = [] } of pages)
      for (const { Key } of Contents) {
        const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key }))
        if (Body === undefined) throw new Error(`GetObject of ${Key} answered without a body`)
        // Whole: a chunk's rejects are bounded by its rows.
        block = Buffer.concat([block, await Body.transformToByteArray()])
        if (block.length < minPartBytes) continue
        yield block
        block = Buffer.alloc(0)
      }
    if (block.length > 0) yield block
  }
}
