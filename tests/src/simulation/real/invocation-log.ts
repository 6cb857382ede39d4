import type { LogEntry } from '@stockroom/local-cloud/lambda/log-store'
import type { EndedInvocation } from '../world.ts'

/** Lambda's own lines in its text log format. */
const start = /^START RequestId: (\S+)/
const report = /^REPORT RequestId: (\S+)\t(?:.*\tStatus: (\w+))?/

/** Follows the logs of all functions: which invocation runs where, and how each one ended. */
export class InvocationLog {
  readonly lines: string[] = []
  readonly ended: EndedInvocation[] = []
  readonly #current = new Map<string, string>()

  /** The invocation that an execution environment is or was busy with. */
  requestIn(environmentId: string): string | undefined {
    return this.#current.get(environmentId)
  }

  accept({ source, text, environmentId, functionName }: LogEntry): void {
    this.lines.push(text)
    if (source !== 'platform') return
    const [, started] = start.exec(text) ?? []
    if (started !== undefined) this.#current.set(environmentId, started)
    const [, ended, failure] = report.exec(text) ?? []
    if (ended === undefined) return
    this.ended.push({
      function: functionName,
      requestId: ended,
      outcome: failure === undefined ? 'succeeded' : 'killed',
    })
  }
}
