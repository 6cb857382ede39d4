import type { Cause } from '../cause.ts'
import type { ChunkQueue } from './chunk-queue.ts'
import type { ChunkAddress } from './upload-repository.ts'

/** Messages in the order in which they were sent; whoever runs the simulation takes them out, in any order and as often as it likes. */
export class InMemoryChunkQueue implements ChunkQueue {
  readonly messages: { readonly address: ChunkAddress; readonly cause: Cause }[] = []

  async send(chunks: readonly ChunkAddress[], cause: Cause): Promise<void> {
    this.messages.push(...chunks.map((address) => ({ address, cause })))
  }
}
