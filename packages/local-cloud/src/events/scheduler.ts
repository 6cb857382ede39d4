import { randomUUID } from 'node:crypto'
import { type Clock, pause } from '../clock.ts'
import type { Invocation } from '../lambda/invocation.ts'
import type { AcceptedEvent } from './asynchronous-invocation.ts'
import { backoffMs } from './backoff.ts'
import type { EventSourceFact, EventSourceObserver } from './event-source-observer.ts'
import {
  compileSchedule,
  InvocationRefused,
  type Schedule,
  type ScheduleConfig,
  scheduledEvent,
} from './schedule.ts'
import { type ScheduleRun, scheduleTime } from './schedule-input.ts'

export interface SchedulerOptions {
  readonly clock: Clock
  readonly observe: EventSourceObserver
  /** Nothing runs by the clock; `trigger` does. */
  readonly paused?: boolean
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
      if (schedule.enabled ?? true) this.#track(this.#follow(schedule))
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
    const accepted = await this.#track(this.#fire(schedule, scheduledAt))
    return accepted ? accepted.finished : []
  }

  /** Stops the clock and the retries; resolves when no call is under way. What Lambda took is Lambda's to end. */
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

  /** Hands one run to the target; undefined when Lambda did not take it. */
  async #fire(schedule: Schedule, scheduledAt: number): Promise<AcceptedEvent | undefined> {
    const { clock } = this.#options
    const { signal } = this.#stopping
    const { maximumRetryAttempts, maximumEventAgeInSeconds, target } = schedule
    const expiry = clock.now() + maximumEventAgeInSeconds * 1_000
    const executionId = randomUUID()
    for (let attempt = 1; ; attempt += 1) {
      const run: ScheduleRun = { scheduleArn: schedule.arn, scheduledAt, executionId, attempt }
      const event = scheduledEvent(schedule, run)
      try {
        return await target.accept(event)
      } catch (error) {
        this.#report(schedule, { kind: 'trouble', doing: `invoke ${target.arn}`, error })
        const wait = backoffMs(attempt - 1, 1_000, 60_000)
        if (error instanceof InvocationRefused) {
          return this.#bury(schedule, event, run, error, error.code)
        }
        if (attempt > maximumRetryAttempts) {
          return this.#bury(schedule, event, run, error, 'MaximumRetryAttempts')
        }
        if (clock.now() + wait > expiry) {
          return this.#bury(schedule, event, run, error, 'MaximumEventAgeInSeconds')
        }
        await pause(clock, wait, signal)
        if (signal.aborted) return undefined
      }
    }
  }

  async #bury(
    schedule: Schedule,
    event: unknown,
    run: ScheduleRun,
    error: unknown,
    condition: string,
  ): Promise<undefined> {
    this.#report(schedule, { kind: 'discarded', records: 1, condition })
    const attributes = {
      ERROR_CODE:
        error instanceof InvocationRefused ? error.code : error instanceof Error ? error.name : 'Error',
      ERROR_MESSAGE: error instanceof Error ? error.message : String(error),
      EXECUTION_ID: run.executionId,
      ...(!(error instanceof InvocationRefused) && { EXHAUSTED_RETRY_CONDITION: condition }),
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
