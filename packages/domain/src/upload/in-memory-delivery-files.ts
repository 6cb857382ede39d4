import { type DeliveryFiles, type FileAddress, FileGone } from './delivery-files.ts'
import type { PinnedFile } from './delivery-upload.ts'

interface StoredFile {
  readonly eTag: string
  readonly contentType: string
  readonly bytes: Uint8Array
}

const keyOf = ({ merchant, uploadId }: FileAddress) => `${merchant}/${uploadId}`

/** Files as a bucket without versions keeps them: an upload to the same key replaces what was there. */
export class InMemoryDeliveryFiles implements DeliveryFiles {
  readonly #files = new Map<string, StoredFile>()
  readonly #blockBytes: number
  #uploads = 0

  constructor({ blockBytes = 64 * 1024 }: { readonly blockBytes?: number } = {}) {
    this.#blockBytes = blockBytes
  }

  put(address: FileAddress, bytes: Uint8Array, contentType = 'text/csv'): void {
    this.#uploads += 1
    this.#files.set(keyOf(address), { eTag: `etag-${this.#uploads}`, contentType, bytes: bytes.slice() })
  }

  delete(address: FileAddress): void {
    this.#files.delete(keyOf(address))
  }

  async head(address: FileAddress): ReturnType<DeliveryFiles['head']> {
    const file = this.#files.get(keyOf(address))
    return file && { eTag: file.eTag, sizeBytes: file.bytes.length, contentType: file.contentType }
  }

  async read(address: FileAddress, file: PinnedFile, start: number, end: number): Promise<Uint8Array> {
    const bytes = this.#pinned(address, file)
    // As S3 has it, so also for any range of a file without bytes (S3 API reference, error code InvalidRange).
    if (start >= bytes.length) throw new RangeError(`Byte ${start} of ${bytes.length}`)
    return bytes.slice(start, end)
  }

  async *stream(
    address: FileAddress,
    file: PinnedFile,
    start: number,
    end: number,
  ): AsyncGenerator<Uint8Array> {
    const bytes = this.#pinned(address, file)
    for (let at = start; at < end; at += this.#blockBytes)
      yield bytes.slice(at, Math.min(end, at + this.#blockBytes))
  }

  #pinned(address: FileAddress, { eTag }: PinnedFile): Uint8Array {
    const file = this.#files.get(keyOf(address))
    if (file?.eTag !== eTag) throw new FileGone(address)
    return file.bytes
  }
}
