import * as z from 'zod/mini'
import type { Rule } from '../rules.ts'

const Line = z.object({
  function_request_id: z.string(),
  level: z.string(),
  correlation_id: z.optional(z.string()),
})

/** Of a process that was killed only the platform can tell; every other failure speaks for itself. */
export const faultsAreTold: Rule = {
  name: 'I14 every invocation that failed left a line with its correlation id',
  breaches: ({ logLines, invocations }) => {
    const told = new Set<string>()
    for (const text of logLines) {
      if (!text.includes('"level":"ERROR"')) continue
      const line = Line.safeParse(JSON.parse(text))
      if (line.success && line.data.correlation_id !== undefined) told.add(line.data.function_request_id)
    }
    return invocations
      .filter(({ outcome }) => outcome === 'failed')
      .filter(({ requestId }) => !told.has(requestId))
      .map(({ requestId, outcome }) => `${requestId} ${outcome} and said nothing`)
  },
}
