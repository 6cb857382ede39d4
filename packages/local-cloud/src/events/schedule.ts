import { randomUUID } from 'node:crypto'
import type { AcceptedEvent } from './asynchronous-invocation.ts'
import type { NextOccurrence } from './cron-expression.ts'
import { EventSourceError, requireRange } from './event-source-error.ts'
import type { QueueProducer } from './queue-transport.ts'
import { compileScheduleExpression } from './schedule-expression.ts'
import { type ScheduleRun, scheduleInput, scheduleTime } from './schedule-input.ts'

/** A function behind its event queue, called with the schedule's role. */
export interface ScheduleTarget {
  readonly arn: string
  /** Rejects when the call itself fails; with an InvocationRefused when trying again cannot help. */
  accept(event: unknown): Promise<AcceptedEvent>
}

/** Lambda refused the call for good, for instance with AccessDeniedException. */
export class InvocationRefused extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'InvocationRefused'
    this.code = code
  }
}

/** An `AWS::Scheduler::Schedule` with a function as its target. */
export interface ScheduleConfig {
  readonly name: string
  readonly arn: string
  readonly expression: string
  /** IANA name. Default UTC. */
  readonly timeZone?: string
  /** Default true. A disabled schedule runs only when it is triggered. */
  readonly enabled?: boolean
  /** Milliseconds since the epoch. */
  readonly startDate?: number
  readonly endDate?: number
  /** JSON text with context attributes. Default: the event that EventBridge Scheduler makes itself. */
  readonly input?: string
  /** 0 to 185. Default 185. These retries are for calls that Lambda did not take; errors of the function are Lambda's own. */
  readonly maximumRetryAttempts?: number
  /** 60 to 86,400. Default 86,400. */
  readonly maximumEventAgeInSeconds?: number
  readonly target: ScheduleTarget
  readonly deadLetterQueue?: QueueProducer
}

export interface Schedule extends ScheduleConfig {
  readonly maximumRetryAttempts: number
  readonly maximumEventAgeInSeconds: number
  readonly next: NextOccurrence
}

/** Checks a schedule that is created at `now`. Throws an EventSourceError for settings that AWS refuses. */
export const compileSchedule = (config: ScheduleConfig, now: number): Schedule => {
  const { name, arn, expression, timeZone = 'UTC', startDate = now, input } = config
  const { maximumRetryAttempts = 185, maximumEventAgeInSeconds = 86_400 } = config
  requireRange(name, 'MaximumRetryAttempts', maximumRetryAttempts, 0, 185)
  requireRange(name, 'MaximumEventAgeInSeconds', maximumEventAgeInSeconds, 60, 86_400)
  try {
    if (input !== undefined) {
      scheduleInput(input, { scheduleArn: arn, scheduledAt: now, executionId: randomUUID(), attempt: 1 })
    }
    const next = compileScheduleExpression(expression, timeZone, startDate)
    return { ...config, maximumRetryAttempts, maximumEventAgeInSeconds, next }
  } catch (cause) {
    throw new EventSourceError(name, cause instanceof Error ? cause.message : String(cause))
  }
}

/** What the target receives in one run: its Input, or the event that EventBridge Scheduler makes up. */
export const scheduledEvent = (schedule: Schedule, run: ScheduleRun): unknown => {
  if (schedule.input !== undefined) return scheduleInput(schedule.input, run)
  const [, , , region, account] = schedule.arn.split(':')
  return {
    version: '0',
    id: run.executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time: scheduleTime(run.scheduledAt),
    region,
    resources: [schedule.arn],
    detail: '{}',
  }
}
