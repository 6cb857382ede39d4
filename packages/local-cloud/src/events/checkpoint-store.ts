import type { StreamPosition } from './stream-source.ts'

/** Where stream mappings remember how far they came, so that a restart goes on instead of starting over. */
export interface CheckpointStore {
  load(mapping: string, shardId: string): Promise<StreamPosition | undefined>
  /** Called after every batch; a store may lose the newest positions, then their records are delivered again. */
  save(mapping: string, shardId: string, position: StreamPosition): Promise<void>
}

/** Remembers as long as the process lives. */
export class InMemoryCheckpointStore implements CheckpointStore {
  readonly #positions = new Map<string, StreamPosition>()

  async load(mapping: string, shardId: string): Promise<StreamPosition | undefined> {
    return this.#positions.get(`${mapping}/${shardId}`)
  }

  async save(mapping: string, shardId: string, position: StreamPosition): Promise<void> {
    this.#positions.set(`${mapping}/${shardId}`, position)
  }
}
