import type { Clock } from './clock.ts'

/** A clock that stands still until it is moved; for tests and simulations. */
export class ManualClock implements Clock {
  #now: number

  constructor(start = '2026-11-23T09:00:00.000Z') {
    this.#now = Date.parse(start)
  }

  now(): Date {
    return new Date(this.#now)
  }

  advance(seconds: number): void {
    this.#now += seconds * 1_000
  }
}
