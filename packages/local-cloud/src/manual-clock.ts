import type { Clock } from './clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  readonly task: () => void
}

/** A clock for tests that stands still until it is advanced. */
export class ManualClock implements Clock {
  #now: number
  #order = 0
  readonly #timers = new Set<Timer>()

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  schedule(delayMs: number, task: () => void): () => void {
    this.#order += 1
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order, task }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Runs every timer that falls due within `ms`, in order; what a timer sets off settles before the next one runs. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = next.at
      next.task()
      await settle()
    }
    this.#now = end
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers]
      .filter((timer) => timer.at <= end)
      .sort((a, b) => a.at - b.at || a.order - b.order)[0]
  }
}

/** Lets every promise chain that waits for no input or output run to its end. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
