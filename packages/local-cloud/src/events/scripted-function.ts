import type { InvocableFunction, Invocation } from '../lambda/invocation.ts'

export const succeeded = (payload: unknown = null): Invocation => ({ outcome: 'succeeded', payload })
export const failed = (errorType = 'Error', errorMessage = 'it broke'): Invocation => ({
  outcome: 'failed',
  errorType,
  errorMessage,
  payload: { errorType, errorMessage },
})
export const throttled: Invocation = { outcome: 'throttled' }

/** A function for tests: remembers its events and answers as the test tells it. */
export class ScriptedFunction<Event> implements InvocableFunction {
  readonly name = 'worker'
  readonly arn = 'arn:aws:lambda:eu-west-1:000000000000:function:worker'
  readonly timeoutSeconds: number = 1
  readonly events: Event[] = []
  readonly #answer: (event: Event, call: number) => Invocation | Promise<Invocation>
  #waiters: { readonly calls: number; readonly resolve: () => void }[] = []

  constructor(answer: (event: Event, call: number) => Invocation | Promise<Invocation> = () => succeeded()) {
    this.#answer = answer
  }

  async invoke(event: unknown): Promise<Invocation> {
    // The event crosses a process border: the function never sees the caller's objects.
    const copy = JSON.parse(JSON.stringify(event)) as Event
    this.events.push(copy)
    this.#waiters = this.#waiters.filter(({ calls, resolve }) => {
      if (this.events.length < calls) return true
      resolve()
      return false
    })
    return this.#answer(copy, this.events.length)
  }

  /** Resolves when the function has been called this often. */
  called(calls: number): Promise<void> {
    if (this.events.length >= calls) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push({ calls, resolve }))
  }
}
