import type { LogEntry } from '@stockroom/local-cloud/lambda/log-store'
import type { EndedInvocation } from '../world.ts'

/** Lambda's own line at the end of an invocation, in its text format. */
const report = /^REPORT RequestId: (\S+)\t(?:.*\tStatus: (\w+))?/

/** Keeps the logs of all functions, and reads in them how each invocation ended. The platform tells deaths; a handler that throws speaks for itself. */
export class InvocationLog {
  readonly lines: string[] = []
  readonly ended: EndedInvocation[] = []

  accept({ source, text, functionName }: LogEntry): void {
    this.lines.push(text)
    if (source !== 'platform') return
    const [, ended, failure] = report.exec(text) ?? []
    if (ended === undefined) return
    this.ended.push({
      function: functionName,
      requestId: ended,
      outcome: failure === undefined ? 'succeeded' : 'killed',
    })
  }
}
