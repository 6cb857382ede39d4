/** One run of a schedule, as its target's input may refer to it. */
export interface ScheduleRun {
  readonly scheduleArn: string
  /** Milliseconds since the epoch. */
  readonly scheduledAt: number
  readonly executionId: string
  /** 1 for the first attempt. */
  readonly attempt: number
}

/** `2026-01-31T08:00:00Z` */
export const scheduleTime = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19)}Z`

/**
 * Replaces `<aws.scheduler.scheduled-time>` and its siblings in a target's Input and parses the result. Throws a SyntaxError when
 * that is no JSON, as Lambda would refuse it, and an Error for a context attribute that does not exist.
 */
export const scheduleInput = (input: string, run: ScheduleRun): unknown => {
  const values: Readonly<Record<string, string>> = {
    'scheduled-time': scheduleTime(run.scheduledAt),
    'execution-id': run.executionId,
    'attempt-number': String(run.attempt),
    'schedule-arn': run.scheduleArn,
  }
  const text = input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (attribute, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`There is no context attribute ${attribute}`)
    return value
  })
  return JSON.parse(text)
}
