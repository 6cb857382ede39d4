import type { Context } from 'aws-lambda'

let current: Context | undefined
let ending = new AbortController()
let endingTimer: NodeJS.Timeout | undefined

/** What a function keeps of its time to report what it could not do. */
const lastMilliseconds = 1_000

/** Called by the function stack at the start of each invocation; an execution environment runs one at a time. */
export const beginInvocation = (context: Context): void => {
  current = context
  ending = new AbortController()
  endingTimer = setTimeout(
    () => ending.abort(new Error('The time of the invocation is up')),
    Math.max(0, context.getRemainingTimeInMillis() - lastMilliseconds),
  ).unref()
}

/** Called by the function stack at the end of each invocation. */
export const endInvocation = (): void => clearTimeout(endingTimer)

/** Aborted one second before Lambda would kill the running invocation: whatever waits for an answer then has waited long enough. */
export const invocationEnding = (): AbortSignal => ending.signal

/** The context of the running invocation. @throws Error when none runs. */
export const currentInvocation = (): Context => {
  if (current === undefined) throw new Error('no invocation is running')
  return current
}

/** When the running invocation should begin nothing new, so that what is in progress has `reserveMilliseconds` to end before Lambda's timeout. */
export const invocationDeadline = (reserveMilliseconds: number): Date =>
  new Date(Date.now() + currentInvocation().getRemainingTimeInMillis() - reserveMilliseconds)
