import type { UploadId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'
import type { PinnedFile } from './delivery-upload.ts'

/** Which file: each upload has one key of its own. */
export interface FileAddress {
  readonly merchant: MerchantId
  readonly uploadId: UploadId
}

/** The pinned content is no longer there: overwritten where versions are not kept, or deleted. */
export class FileGone extends Error {
  readonly code = 'upload.file_gone'

  constructor({ uploadId }: FileAddress) {
    super(`The file of ${uploadId} is not the one that was looked at`)
  }
}

/** Reads what merchants uploaded. */
export interface DeliveryFiles {
  /** What stands there now, pinned; `undefined` when nothing does. MUST see every upload that S3 has answered. */
  head(address: FileAddress): Promise<(PinnedFile & { readonly contentType: string }) | undefined>
  /** Bytes `start` to `end`, not included, of exactly the pinned content; `start` lies inside the file. @throws FileGone */
  read(address: FileAddress, file: PinnedFile, start: number, end: number): Promise<Uint8Array>
  /** The same bytes in blocks of any size. MUST NOT hold more than a bounded number of them. @throws FileGone */
  stream(address: FileAddress, file: PinnedFile, start: number, end: number): AsyncIterable<Uint8Array>
}
