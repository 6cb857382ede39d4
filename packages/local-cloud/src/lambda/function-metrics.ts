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

export const recentDurationsKept = 1_000
