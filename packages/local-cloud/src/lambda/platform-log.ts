/** What Lambda itself writes into a function's log. Times are milliseconds, sizes megabytes. */
export type PlatformEvent =
  | { readonly type: 'initStart'; readonly runtimeVersion: string }
  | {
      readonly type: 'initReport'
      readonly duration: number
      readonly status: 'error' | 'timeout'
      readonly errorType: string
    }
  | { readonly type: 'start'; readonly requestId: string }
  | { readonly type: 'timeout'; readonly requestId: string; readonly seconds: number }
  | { readonly type: 'report'; readonly requestId: string; readonly report: InvocationReport }

export interface InvocationReport {
  readonly duration: number
  readonly billedDuration: number
  readonly initDuration?: number
  readonly memorySize: number
  readonly maxMemoryUsed: number
  readonly failure?: { readonly status: 'error' | 'timeout'; readonly errorType: string }
}

export type LogFormat = 'Text' | 'JSON'

/** The entries as CloudWatch shows them, in either of a function's two log formats. */
export const platformEntries = (event: PlatformEvent, format: LogFormat, at: number): readonly string[] => {
  const time = new Date(at).toISOString()
  if (format === 'Text') return textEntries(event, time)
  const record = jsonRecord(event)
  return record
    ? [JSON.stringify({ time, type: `platform.${event.type}`, record })]
    : textEntries(event, time)
}

const textEntries = (event: PlatformEvent, time: string): readonly string[] => {
  switch (event.type) {
    case 'initStart':
      return [`INIT_START Runtime Version: ${event.runtimeVersion}`]
    case 'initReport':
      return [
        columns([
          `INIT_REPORT Init Duration: ${milliseconds(event.duration)}`,
          'Phase: init',
          `Status: ${event.status}`,
          event.status === 'error' && `Error Type: ${event.errorType}`,
        ]),
      ]
    case 'start':
      return [`START RequestId: ${event.requestId} Version: $LATEST`]
    case 'timeout':
      return [`${time} ${event.requestId} Task timed out after ${event.seconds.toFixed(2)} seconds`]
    case 'report': {
      const { report } = event
      return [
        `END RequestId: ${event.requestId}`,
        columns([
          `REPORT RequestId: ${event.requestId}`,
          `Duration: ${milliseconds(report.duration)}`,
          `Billed Duration: ${report.billedDuration} ms`,
          `Memory Size: ${report.memorySize} MB`,
          `Max Memory Used: ${report.maxMemoryUsed} MB`,
          report.initDuration !== undefined && `Init Duration: ${milliseconds(report.initDuration)}`,
          report.failure && `Status: ${report.failure.status}`,
          report.failure?.status === 'error' && `Error Type: ${report.failure.errorType}`,
        ]),
      ]
    }
    default:
      return event satisfies never
  }
}

const jsonRecord = (event: PlatformEvent): object | undefined => {
  switch (event.type) {
    case 'initStart':
      return { initializationType: 'on-demand', phase: 'init', runtimeVersion: event.runtimeVersion }
    case 'initReport':
      return {
        initializationType: 'on-demand',
        phase: 'init',
        status: event.status,
        errorType: event.errorType,
        metrics: { durationMs: event.duration },
      }
    case 'start':
      return { requestId: event.requestId, version: '$LATEST' }
    case 'timeout':
      return undefined // text in either format
    case 'report': {
      const { report } = event
      return {
        requestId: event.requestId,
        status: report.failure?.status ?? 'success',
        ...(report.failure && { errorType: report.failure.errorType }),
        metrics: {
          durationMs: report.duration,
          billedDurationMs: report.billedDuration,
          memorySizeMB: report.memorySize,
          maxMemoryUsedMB: report.maxMemoryUsed,
          ...(report.initDuration !== undefined && { initDurationMs: report.initDuration }),
        },
      }
    }
    default:
      return event satisfies never
  }
}

const milliseconds = (value: number): string => `${value.toFixed(2)} ms`
const columns = (values: readonly (string | false | undefined)[]): string =>
  `${values.filter(Boolean).join('\t')}\t`
