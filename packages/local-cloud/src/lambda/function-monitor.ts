import type { Death } from './execution-environment.ts'
import { failureOf } from './failure.ts'
import type { FunctionConfig } from './function-config.ts'
import type { LogEntry, LogStore } from './log-store.ts'
import { type PlatformEvent, platformEntries } from './platform-log.ts'
import type { RuntimeAnswer } from './runtime-api.ts'

/** What CloudWatch counts per function, since the start. */
export interface FunctionMetrics {
  /** Invocations that reached the function; throttled ones did not. */
  readonly invocations: number
  readonly errors: number
  readonly timeouts: number
  readonly throttles: number
  readonly coldStarts: number
  readonly billedMilliseconds: number
  /** Of the newest thousand invocations, without initialisation, oldest first. */
  readonly recentDurations: readonly number[]
  readonly maxMemoryUsedMegabytes: number
}

/** An invocation that is over. Times are milliseconds. */
export interface FinishedInvocation {
  readonly environmentId: string
  readonly requestId: string
  readonly end: RuntimeAnswer | Death
  /** From the event to the answer; an initialisation that was repeated is part of it. */
  readonly elapsed: number
  /** Of the cold start that came before, and whether it succeeded. */
  readonly init?: { readonly duration: number; readonly succeeded: boolean }
  readonly peakMemoryBytes: number
}

/** Writes what Lambda itself writes into a function's log, and counts. */
export interface FunctionMonitor {
  readonly metrics: FunctionMetrics
  write(environmentId: string, source: LogEntry['source'], text: string): void
  /** An init phase begins. */
  initialising(environmentId: string): void
  initialisationFailed(environmentId: string, duration: number, death: Death): void
  started(environmentId: string, requestId: string): void
  finished(invocation: FinishedInvocation): void
  throttled(): void
}

const recentDurationsKept = 1_000

/** The monitor of one function. */
export const monitorFunction = (config: FunctionConfig, logs: LogStore): FunctionMonitor => {
  const { name, timeoutSeconds, memoryMegabytes, logFormat = 'Text' } = config
  const recentDurations: number[] = []
  const counts = {
    invocations: 0,
    errors: 0,
    timeouts: 0,
    throttles: 0,
    coldStarts: 0,
    billedMilliseconds: 0,
    maxMemoryUsedMegabytes: 0,
  }

  const write = (environmentId: string, source: LogEntry['source'], text: string): void =>
    logs.write({ at: Date.now(), functionName: name, environmentId, source, text })
  const platform = (environmentId: string, event: PlatformEvent): void => {
    for (const text of platformEntries(event, logFormat, Date.now())) write(environmentId, 'platform', text)
  }

  return {
    get metrics() {
      return { ...counts, recentDurations: [...recentDurations] }
    },
    write,
    initialising: (environmentId) => {
      counts.coldStarts += 1
      const runtimeVersion = `nodejs:24 (${process.version}, local)`
      platform(environmentId, { type: 'initStart', runtimeVersion })
    },
    initialisationFailed: (environmentId, duration, death) => {
      const status = death.cause === 'timeout' ? 'timeout' : 'error'
      const { errorType } = failureOf(death, '', timeoutSeconds)
      platform(environmentId, { type: 'initReport', duration, status, errorType })
    },
    started: (environmentId, requestId) => platform(environmentId, { type: 'start', requestId }),
    finished: ({ environmentId, requestId, end, elapsed, init, peakMemoryBytes }) => {
      const timedOut = 'cause' in end && end.cause === 'timeout'
      const duration = timedOut ? timeoutSeconds * 1000 : elapsed
      // Since August 2025 Lambda bills the init phase of every function.
      const billedDuration = Math.ceil(duration + (init?.duration ?? 0))
      const maxMemoryUsed = Math.ceil(peakMemoryBytes / 1024 / 1024)
      if (timedOut) platform(environmentId, { type: 'timeout', requestId, seconds: timeoutSeconds })
      platform(environmentId, {
        type: 'report',
        requestId,
        report: {
          duration,
          billedDuration,
          ...(init?.succeeded && { initDuration: init.duration }),
          memorySize: memoryMegabytes,
          maxMemoryUsed,
          ...('cause' in end && {
            failure: {
              status: timedOut ? ('timeout' as const) : ('error' as const),
              errorType: failureOf(end, requestId, timeoutSeconds).errorType,
            },
          }),
        },
      })
      counts.invocations += 1
      if ('cause' in end || end.status === 'failed') counts.errors += 1
      if (timedOut) counts.timeouts += 1
      counts.billedMilliseconds += billedDuration
      counts.maxMemoryUsedMegabytes = Math.max(counts.maxMemoryUsedMegabytes, maxMemoryUsed)
      recentDurations.push(duration)
      if (recentDurations.length > recentDurationsKept) recentDurations.shift()
    },
    throttled: () => {
      counts.throttles += 1
    },
  }
}
