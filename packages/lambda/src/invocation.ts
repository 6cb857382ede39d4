import type { Context } from 'aws-lambda'

let current: Context | undefined

/** Called by the function stack at the start of each invocation; an execution environment runs one at a time. */
export const beginInvocation = (context: Context): void => {
  current = context
}

/** The context of the running invocation. @throws Error when none runs. */
export const currentInvocation = (): Context => {
  if (current === undefined) throw new Error('no invocation is running')
  return current
}

/** When the running invocation should begin nothing new, so that what is in progress has `reserveMilliseconds` to end before Lambda's timeout. */
export const invocationDeadline = (reserveMilliseconds: number): Date =>
  new Date(Date.now() + currentInvocation().getRemainingTimeInMillis() - reserveMilliseconds)
