import type { FileAddress } from './delivery-files.ts'
import type { ChunkAddress } from './upload-repository.ts'

/** Keeps what could not be imported, for the merchant to fetch. */
export interface RejectFiles {
  /** Keeps one chunk's rejects. Writing the same again MUST change nothing. */
  writeChunk(address: ChunkAddress, csv: string): Promise<void>
  /**
   * MUST make the one file of the upload: header first, then what was written for its chunks in their order. It appears
   * whole or not at all, replaces an earlier one, and is never held in memory.
   */
  merge(address: FileAddress): Promise<void>
}
