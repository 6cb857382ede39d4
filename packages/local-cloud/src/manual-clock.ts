import type { Clock } from './clock.ts'
import { seededHash } from './faults/seeded-hash.ts'
import { type Timer, TimerHeap } from './timer-heap.ts'

export interface ManualClockOptions {
  /** Timers of one moment run in an order drawn from this seed, instead of the order in which they were set. */
  readonly seed?: number
}

/** A clock for tests and simulations that stands still until it is advanced. */
export class ManualClock implements Clock {
  #now: number
  #order = 0
  readonly #seed: number | undefined
  readonly #timers = new TimerHeap()

  constructor(now = Date.parse('2026-01-01T00:00:00Z'), { seed }: ManualClockOptions = {}) {
    this.#now = now
    this.#seed = seed
  }

  now(): number {
    return this.#now
  }

  schedule(delayMs: number, task: () => void): () => void {
    this.#order += 1
    const tie = this.#seed === undefined ? 0 : seededHash(this.#seed, this.#order)
    const timer: Timer = { at: this.#now + Math.max(0, delayMs), tie, order: this.#order, task, index: -1 }
    this.#timers.add(timer)
    return () => this.#timers.remove(timer)
  }

  /** Timers that have not run and were not cancelled. */
  get pending(): number {
    return this.#timers.size
  }

  /** Runs every timer that falls due within `ms`, in order; what a timer sets off settles before the next one runs. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await this.#runWhile(() => true, end)
    this.#now = end
  }

  /**
   * Runs timers until `condition` holds once everything has settled; time then stands at the last timer that ran. False when
   * the condition does not hold and no timer falls due within `withinMs`; time has passed up to there, if it is finite.
   */
  async runUntil(condition: () => boolean, withinMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    const end = this.#now + withinMs
    if (await this.#runWhile(() => !condition(), end)) return true
    if (Number.isFinite(end)) this.#now = end
    return false
  }

  /** True when `wanted` ended the run, false when no timer up to `end` was left. */
  async #runWhile(wanted: () => boolean, end: number): Promise<boolean> {
    await settle()
    while (wanted()) {
      const next = this.#timers.first()
      if (!next || next.at > end) return false
      this.#timers.remove(next)
      this.#now = next.at
      next.task()
      await settle()
    }
    return true
  }
}

/** Lets every promise chain that waits for no input or output run to its end. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
