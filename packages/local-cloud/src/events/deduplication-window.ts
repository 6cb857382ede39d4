import type { Clock } from '../clock.ts'

const windowMs = 300_000

/** What a FIFO queue remembers of the ids that it took: each for five minutes, also when the message is gone. */
export class DeduplicationWindow {
  readonly #clock: Clock
  /** When an id may be used again; oldest first. */
  readonly #freeAt = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** False for an id that was taken in this scope within the last five minutes; the window does not begin anew with it. */
  take(scope: string, id: string): boolean {
    const now = this.#clock.now()
    for (const [key, freeAt] of this.#freeAt) {
      if (freeAt > now) break
      this.#freeAt.delete(key)
    }
    const key = JSON.stringify([scope, id])
    if (this.#freeAt.has(key)) return false
    this.#freeAt.set(key, now + windowMs)
    return true
  }
}
