import type { Cause } from '../cause.ts'
import type { ChunkAddress } from './upload-repository.ts'

/** Hands chunks to import-chunk; at least once each, in any order. */
export interface ChunkQueue {
  /** MUST throw unless every message was accepted. */
  send(chunks: readonly ChunkAddress[], cause: Cause): Promise<void>
}
