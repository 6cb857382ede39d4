import * as z from 'zod/mini'
import { xrayHeader } from './env.ts'
import { type Entry, functionStack, logUnder } from './function-stack.ts'
import { currentInvocation } from './invocation.ts'
import { type TraceContext, traceContext } from './trace-context.ts'

/** What EventBridge Scheduler sends: `<aws.scheduler.scheduled-time>`, the time that was planned and not the time it is. */
const Tick = z.object({ scheduledAt: z.iso.datetime({ offset: true }) })

/** A function on a schedule. The planned time names the run: a tick that is delivered twice is the same run. */
export const scheduleFunction = (
  handle: (scheduledAt: Date, cause: TraceContext) => Promise<void>,
): Entry<unknown, void> =>
  functionStack(async (event) => {
    const cause = traceContext({ xray: xrayHeader(), id: currentInvocation().awsRequestId })
    logUnder(cause)
    await handle(new Date(Tick.parse(event).scheduledAt), cause)
  })
