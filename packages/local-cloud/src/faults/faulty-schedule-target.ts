import type { ScheduleTarget } from '../events/schedule.ts'
import type { FaultPlan } from './fault-plan.ts'

export interface FaultyScheduleTargetOptions {
  readonly target: ScheduleTarget
  readonly plan: FaultPlan
  /** The schedule's name. */
  readonly source: string
}

/**
 * A schedule's target that is reached at least once, or not at all: `double_tick` hands it the same run twice, the second one while
 * the first is under way; `missed_tick` hands it none, as when the Scheduler was away at that time.
 */
export const faultyScheduleTarget = ({
  target,
  plan,
  source,
}: FaultyScheduleTargetOptions): ScheduleTarget => {
  let ticks = 0
  return {
    arn: target.arn,
    accept: async (event) => {
      ticks += 1
      const fault = plan.deliveryFaultFor({ via: 'schedule', source, nth: ticks })
      if (fault?.kind === 'missed_tick') return { finished: Promise.resolve([]) }
      const first = await target.accept(event)
      if (fault?.kind !== 'double_tick') return first
      const second = await target.accept(event)
      return { finished: Promise.all([first.finished, second.finished]).then((runs) => runs.flat()) }
    },
  }
}
