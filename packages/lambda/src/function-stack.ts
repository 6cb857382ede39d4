import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { beginInvocation, endInvocation } from './invocation.ts'
import { logger } from './logger.ts'
import { metrics } from './metrics.ts'
import { type TraceContext, traceLogKeys } from './trace-context.ts'

/** What Lambda calls. */
export type Entry<E, R> = (event: E, context: Context) => Promise<R>

/**
 * The stack that every function runs under, whatever its trigger: Lambda's context on each log line, metrics written out at the end,
 * and an error logged before Lambda sees it. A failing invocation always throws: only then does the event source try again.
 */
export const functionStack = <E, R>(handle: Entry<E, R>): Entry<E, R> =>
  // No early timeout: it would answer while the handler still runs, and its rest would go on inside the next invocation.
  middy<E, R>(handle, { timeoutEarlyInMillis: 0 })
    .before(({ context }) => {
      beginInvocation(context)
      metrics.captureColdStartMetric(context.functionName)
    })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    // Powertools' own middleware warns, outside the logger, of each invocation that counted nothing.
    .use({ after: publishMetrics, onError: publishMetrics })
    .use({ after: endInvocation, onError: endInvocation })
    .onError(({ error }) => logger.error('Invocation failed', { error }))

const publishMetrics = (): void => {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
}

/** Puts trace and correlation id on every log line from here on, in place of whatever the record before had put there. */
export const logUnder = (trace: TraceContext): void => {
  logger.resetKeys()
  logger.appendKeys(traceLogKeys(trace))
}
