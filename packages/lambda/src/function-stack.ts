import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { beginInvocation } from './invocation.ts'
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
    .before(({ context }) => beginInvocation(context))
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .onError(({ error }) => logger.error('Invocation failed', { error }))

/** Puts trace and correlation id on every log line from here on, until the next record or the end of the invocation. */
export const logUnder = (trace: TraceContext): void => logger.appendKeys(traceLogKeys(trace))
