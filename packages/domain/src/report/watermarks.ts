import type { UtcDay } from './utc-day.ts'

/** The last day that a daily job has completed. */
export interface Watermarks {
  /** MUST read consistently. `undefined` before the job's first day. */
  read(job: string): Promise<UtcDay | undefined>
  /** MUST change nothing unless the watermark is still at `from`: whoever else advanced it has done that day. */
  advance(job: string, from: UtcDay | undefined, to: UtcDay): Promise<void>
}
