import type { FaultPlan, Injection } from '@stockroom/local-cloud/faults/fault-plan'
import { seededRandom } from '@stockroom/ops/demo/random'
import type { Command } from './command.ts'
import { History } from './history.ts'
import { Play } from './play.ts'
import { judge, type Violation } from './rules.ts'
import type { World } from './world.ts'

/** What came of one run. */
export interface Verdict {
  readonly violations: readonly Violation[]
  /** The whole run, a line for each thing that happened. */
  readonly lines: readonly string[]
  /** The faults that took place, good for `exactFaultPlan`. */
  readonly injected: readonly Injection[]
  readonly counts: {
    readonly requests: number
    readonly faults: number
    readonly invocations: number
    /** How often something was parked, and came home. */
    readonly parked: number
  }
}

/** Dead letters can meet other dead letters: one event brought home may wait for another that still is away. */
const mostJourneysHome = 4

/**
 * One run: the commands are played, faults stop, the system drains, what is parked is brought home and drained again, and all rules judge.
 * Does not close the world.
 */
export const simulate = async (
  world: World,
  plan: FaultPlan,
  commands: readonly Command[],
  { seed, longestGapMs }: { readonly seed: number; readonly longestGapMs: number },
): Promise<Verdict> => {
  const history = new History(() => world.now())
  const play = new Play(world, history, { random: seededRandom(seed), longestGapMs })
  await play.begin(commands)
  await world.stopFaults()
  history.note('faults stop')
  await play.end()
  let unrest = await world.drain()
  const parked = []
  for (let journey = 1; journey <= mostJourneysHome; journey++) {
    const away = await world.parked()
    if (away.length === 0) break
    parked.push(...away)
    history.note(`${away.length} parked messages are brought home`)
    await world.bringHome()
    unrest = await world.drain()
  }
  const violations = judge({
    facts: await world.facts(),
    inboxes: world.inboxes(),
    history,
    parked,
    logLines: world.logLines(),
    invocations: world.invocations(),
    breaches: world.breaches(),
    unrest,
  })
  return {
    violations,
    lines: history.lines(world.faults()),
    injected: plan.injected,
    counts: {
      requests: history.exchanges.length,
      faults: plan.injected.length,
      invocations: world.invocations().length,
      parked: parked.length,
    },
  }
}
