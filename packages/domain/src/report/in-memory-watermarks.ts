import type { UtcDay } from './utc-day.ts'
import type { Watermarks } from './watermarks.ts'

/** Watermarks for as long as the process lives. */
export class InMemoryWatermarks implements Watermarks {
  readonly #days = new Map<string, UtcDay>()

  async read(job: string): Promise<UtcDay | undefined> {
    return this.#days.get(job)
  }

  async advance(job: string, from: UtcDay | undefined, to: UtcDay): Promise<void> {
    if (this.#days.get(job) === from) this.#days.set(job, to)
  }
}
