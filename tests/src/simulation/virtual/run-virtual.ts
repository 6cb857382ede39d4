import { InvokeStore } from '@aws/lambda-invoke-store'
import { useLightFetch } from '@stockroom/api/light-fetch'
import type { FaultPlan } from '@stockroom/local-cloud/faults/fault-plan'
import { type Command, virtualScale } from '../command.ts'
import { simulate, type Verdict } from '../simulate.ts'
import { VirtualWorld } from './virtual-world.ts'

/** Between two commands; most of them then meet another one on its way. */
const longestGapMs = 400

export interface VirtualRun {
  readonly seed: number
  readonly commands: readonly Command[]
  readonly plan: FaultPlan
}

/**
 * Runs one world from its beginning to its audit. The same run gives the same verdict, history included. One at a time in a process whose environment
 * names POWERTOOLS_METRICS_NAMESPACE and POWERTOOLS_SERVICE_NAME, as infra does for each function.
 */
export const runVirtual = async ({ seed, commands, plan }: VirtualRun): Promise<Verdict> => {
  await prepared
  const world = new VirtualWorld({ seed, merchants: virtualScale.merchants, plan })
  try {
    return await world.drive(simulate(world, plan, commands, { seed, longestGapMs }))
  } finally {
    await world.close()
  }
}

/** Many invocations share this process: Powertools keeps the log keys and metrics of each apart, as on Lambda's managed instances. */
const prepare = async (): Promise<void> => {
  await InvokeStore.getInstanceAsync(true)
  process.env.AWS_LAMBDA_MAX_CONCURRENCY = '1000'
  useLightFetch()
}
const prepared = prepare()
