import type { Clock } from '../clock.ts'

/** Something to wait for that may be raised by anybody at any time; a raise between two waits is not lost. */
export class WakeSignal {
  #raised = false
  #wake: (() => void) | undefined

  raise(): void {
    this.#raised = true
    this.#wake?.()
  }

  /** Resolves when raised since the last wait ended, after `delayMs`, or when `signal` aborts. */
  async wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#raised && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const cancel = clock.schedule(delayMs, resolve)
      this.#wake = resolve
      signal.addEventListener('abort', this.#wake, { once: true })
      await promise
      cancel()
      signal.removeEventListener('abort', this.#wake)
      this.#wake = undefined
    }
    this.#raised = false
  }
}
