import type { FileAddress } from './delivery-files.ts'
import type { RejectFiles } from './reject-files.ts'
import type { RejectLinks } from './reject-links.ts'
import { rejectsHeader } from './rejects-csv.ts'
import type { ChunkAddress } from './upload-repository.ts'

const keyOf = ({ merchant, uploadId }: FileAddress) => `${merchant}/${uploadId}`

/** Rejects kept as text; its links lead nowhere. */
export class InMemoryRejectFiles implements RejectFiles, RejectLinks {
  readonly #chunks = new Map<string, Map<number, string>>()
  readonly #merged = new Map<string, string>()

  async writeChunk(address: ChunkAddress, csv: string): Promise<void> {
    const chunks = this.#chunks.get(keyOf(address)) ?? new Map<number, string>()
    this.#chunks.set(keyOf(address), chunks.set(address.chunk, csv))
  }

  async merge(address: FileAddress): Promise<void> {
    const chunks = [...(this.#chunks.get(keyOf(address)) ?? [])].sort(([a], [b]) => a - b)
    this.#merged.set(keyOf(address), rejectsHeader + chunks.map(([, csv]) => csv).join(''))
  }

  async link(address: FileAddress, seconds: number): Promise<string> {
    return `https://rejects.invalid/${keyOf(address)}.csv?seconds=${seconds}`
  }

  /** What the link would give. */
  merged(address: FileAddress): string | undefined {
    return this.#merged.get(keyOf(address))
  }
}
