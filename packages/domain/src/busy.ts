/** A store refused for load or contention until the time budget ended. What was begun, if anything, stands and is gone on with: asking again is safe. */
export class Busy extends Error {
  readonly code = 'busy'
  readonly retryAfterSeconds: number

  constructor(what: string, retryAfterSeconds = 1) {
    super(`${what} is busy; try again in ${retryAfterSeconds} s`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}
