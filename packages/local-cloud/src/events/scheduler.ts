import { randomUUID } from 'node:crypto'
import { type Clock, pause } from '../clock.ts'
import type { Invocation } from '../lambda/invocation.ts'
import type { AcceptedEvent } from './asynchronous-invocation.ts'
import { backoffMs } from './backoff.ts'
import type { NextOccurrence } from './cron-expression.ts'
import { EventSourceError, requireRange } from './event-source-error.ts'
import type { EventSourceFact, EventSourceObserver } from './event-source-observer.ts'
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
  /** Default ENABLED. A disabled schedule runs only when it is triggered. */
  readonly state?: 'ENABLED' | 'DISABLED'
  /** `OFF`; anything else is refused. */
  readonly flexibleTimeWindow: string
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

export interface SchedulerOptions {
  readonly clock: Clock
  readonly observe: EventSourceObserver
  /** Nothing runs by the clock; `trigger` does. */
  readonly paused?: boolean
}

interface Schedule extends ScheduleConfig {
  readonly next: NextOccurrence
}

/** Timers reach 24.8 days at most; a schedule further away waits in steps. */
const longestWaitMs = 86_400_000

/** Runs schedules by the clock: at least once while the process lives, without catching up on what it missed. */
export class Scheduler {
  readonly #schedules: ReadonlyMap<string, Schedule>
  readonly #options: SchedulerOptions
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  /** Throws an EventSourceError for settings that AWS refuses or that are not emulated. */
  constructor(schedules: readonly ScheduleConfig[], options: SchedulerOptions) {
    this.#options = options
    this.#schedules = new Map(
      schedules.map((config) => [config.name, compileSchedule(config, options.clock.now())]),
    )
  }

  /** Follows the clock, unless paused. A rate without a start date runs at once. */
  start(): void {
    if (this.#options.paused) return
    for (const schedule of this.#schedules.values()) {
      if (schedule.state !== 'DISABLED') this.#track(this.#follow(schedule))
    }
  }

  /**
   * Runs a schedule now, as if it were due at `scheduledAt` (milliseconds since the epoch, default now). Resolves with all
   * invocations that came of it, retries included; with none when Lambda did not take the event. Rejects for an unknown name.
   */
  async trigger(name: string, scheduledAt = this.#options.clock.now()): Promise<readonly Invocation[]> {
    const schedule = this.#schedules.get(name)
    if (!schedule) {
      throw new Error(
        `There is no schedule ${name}, only ${[...this.#schedules.keys()].join(', ') || 'none'}`,
      )
    }
    return this.#track(this.#fire(schedule, scheduledAt))
  }

  /** Stops the clock and the retries; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#stopping.abort()
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #track<Result>(work: Promise<Result>): Promise<Result> {
    const tracked = work.finally(() => this.#running.delete(tracked))
    this.#running.add(tracked)
    return tracked
  }

  async #follow(schedule: Schedule): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stopping
    let after = Math.max(clock.now(), schedule.startDate ?? 0) - 1
    while (!signal.aborted) {
      const due = schedule.next(after)
      if (due === undefined || due > (schedule.endDate ?? Number.POSITIVE_INFINITY)) return
      while (clock.now() < due && !signal.aborted) {
        await pause(clock, Math.min(due - clock.now(), longestWaitMs), signal)
      }
      if (signal.aborted) return
      this.#track(this.#fire(schedule, due))
      after = Math.max(due, clock.now())
    }
  }

  async #fire(schedule: Schedule, scheduledAt: number): Promise<readonly Invocation[]> {
    const { clock } = this.#options
    const { signal } = this.#stopping
    const { maximumRetryAttempts = 185, maximumEventAgeInSeconds = 86_400, target } = schedule
    const expiry = clock.now() + maximumEventAgeInSeconds * 1_000
    const executionId = randomUUID()
    for (let attempt = 1; ; attempt += 1) {
      const run: ScheduleRun = { scheduleArn: schedule.arn, scheduledAt, executionId, attempt }
      const event =
        schedule.input === undefined ? defaultEvent(schedule, run) : scheduleInput(schedule.input, run)
      try {
        const { finished } = await target.accept(event)
        return await finished
      } catch (error) {
        this.#report(schedule, { kind: 'trouble', doing: `invoke ${target.arn}`, error })
        const wait = backoffMs(attempt - 1, 1_000, 60_000)
        const exhausted =
          attempt > maximumRetryAttempts
            ? 'MaximumRetryAttempts'
            : clock.now() + wait > expiry
              ? 'MaximumEventAgeInSeconds'
              : undefined
        if (error instanceof InvocationRefused || exhausted !== undefined) {
          await this.#bury(schedule, event, run, error, exhausted)
          return []
        }
        await pause(clock, wait, signal)
        if (signal.aborted) return []
      }
    }
  }

  async #bury(
    schedule: Schedule,
    event: unknown,
    run: ScheduleRun,
    error: unknown,
    exhausted: string | undefined,
  ): Promise<void> {
    const refused = error instanceof InvocationRefused
    const condition = refused ? error.code : (exhausted ?? '')
    this.#report(schedule, { kind: 'discarded', records: 1, condition })
    const attributes = {
      ERROR_CODE: refused ? error.code : error instanceof Error ? error.name : 'Error',
      ERROR_MESSAGE: error instanceof Error ? error.message : String(error),
      EXECUTION_ID: run.executionId,
      ...(!refused && { EXHAUSTED_RETRY_CONDITION: condition }),
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: String(run.attempt - 1),
      SCHEDULED_TIME: scheduleTime(run.scheduledAt),
      SCHEDULE_ARN: schedule.arn,
      TARGET_ARN: schedule.target.arn,
    }
    try {
      await schedule.deadLetterQueue?.send({
        body: JSON.stringify(event),
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            { DataType: 'String', StringValue: value },
          ]),
        ),
      })
    } catch (cause) {
      this.#report(schedule, { kind: 'trouble', doing: 'send to the dead-letter queue', error: cause })
    }
  }

  #report({ name, arn, target }: Schedule, fact: EventSourceFact): void {
    this.#options.observe(fact, { name, source: arn, target: target.arn })
  }
}

const compileSchedule = (config: ScheduleConfig, now: number): Schedule => {
  const { name, arn, expression, timeZone = 'UTC', flexibleTimeWindow, startDate, input } = config
  const { maximumRetryAttempts = 185, maximumEventAgeInSeconds = 86_400 } = config
  if (flexibleTimeWindow !== 'OFF')
    throw new EventSourceError(name, `FlexibleTimeWindow ${flexibleTimeWindow} is not emulated`)
  requireRange(name, 'MaximumRetryAttempts', maximumRetryAttempts, 0, 185)
  requireRange(name, 'MaximumEventAgeInSeconds', maximumEventAgeInSeconds, 60, 86_400)
  try {
    if (input !== undefined) {
      scheduleInput(input, { scheduleArn: arn, scheduledAt: now, executionId: randomUUID(), attempt: 1 })
    }
    return { ...config, next: compileScheduleExpression(expression, timeZone, startDate ?? now) }
  } catch (cause) {
    throw new EventSourceError(name, cause instanceof Error ? cause.message : String(cause))
  }
}

const defaultEvent = (schedule: Schedule, run: ScheduleRun): object => {
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
