import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Facts } from '@stockroom/ops/audit/facts'
import { isAlive } from '@stockroom/ops/local/running-stage'
import { type Command, realScale } from '../command.ts'
import { simulate, type Verdict } from '../simulate.ts'
import { hurryAssembly } from './hurried-assembly.ts'
import { realFaultPlan } from './real-faults.ts'
import { startRealWorld } from './real-world.ts'

const root = join(import.meta.dirname, '../../../..')
const stateDirectory = join(root, '.stockroom/simulation')
const merchants = ['acme', 'globex', 'initech'].slice(0, realScale.merchants)
/** Between two commands; more than half of them then meet another one on its way. */
const longestGapMs = 60

export interface RealRun {
  readonly seed: number
  /** Share of calls that meet a fault, from 0 to 1. */
  readonly rate: number
  readonly commands: readonly Command[]
}

export interface RealVerdict extends Verdict {
  /** Where history, logs and stored facts of a run that broke a rule lie. */
  readonly kept?: string
}

/** The tier that runs the real bundles on real engines, in real time. Several runs at once do not meet. */
export interface RealTier {
  /** Starts a local cloud of its own, plays, judges and ends it. The same run goes another way each time: only commands and faults are the seed's. */
  run(run: RealRun): Promise<RealVerdict>
  /** Removes what the runs left, but for the logs of those that broke a rule. */
  close(): void
}

/** Needs the synthesised template and the bundles, as `npm test` leaves them. */
export const openRealTier = (): RealTier => {
  mkdirSync(stateDirectory, { recursive: true })
  removeAbandoned()
  const directory = mkdtempSync(join(stateDirectory, `run-${process.pid}-`))
  const assembly = join(directory, 'assembly')
  hurryAssembly(join(root, 'infra/cdk.out'), assembly)
  let runs = 0
  return {
    run: async ({ seed, rate, commands }) => {
      runs += 1
      const ownDirectory = join(directory, `world-${runs}`)
      const plan = realFaultPlan(seed, rate)
      try {
        const [verdict, facts] = await inWorld(
          { seed, rate, plan, assembly, directory: ownDirectory },
          async (world) => {
            const verdict = await simulate(world, plan, commands, { seed, longestGapMs })
            return [verdict, verdict.violations.length === 0 ? undefined : await world.facts()] as const
          },
        )
        return facts === undefined ? verdict : { ...verdict, kept: keep(seed, ownDirectory, verdict, facts) }
      } finally {
        rmSync(ownDirectory, { recursive: true, force: true })
      }
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  }
}

const inWorld = async <Result>(
  options: Omit<Parameters<typeof startRealWorld>[0], 'merchants'>,
  work: (world: Awaited<ReturnType<typeof startRealWorld>>) => Promise<Result>,
): Promise<Result> => {
  const world = await startRealWorld({ ...options, merchants })
  try {
    return await work(world)
  } finally {
    await world.close()
  }
}

/** The newest failure of a seed takes the place of an older one. */
const keep = (seed: number, directory: string, { lines, violations }: Verdict, facts: Facts): string => {
  const kept = join(stateDirectory, `seed-${seed}`)
  rmSync(kept, { recursive: true, force: true })
  mkdirSync(kept, { recursive: true })
  if (existsSync(join(directory, 'logs')))
    cpSync(join(directory, 'logs'), join(kept, 'logs'), { recursive: true })
  writeFileSync(join(kept, 'history.txt'), `${lines.join('\n')}\n`)
  for (const [name, content] of Object.entries({ violations, facts }))
    writeFileSync(join(kept, `${name}.json`), JSON.stringify(content, null, 2))
  return kept
}

/** A run that was killed could not clear up behind itself. */
const removeAbandoned = (): void => {
  for (const name of readdirSync(stateDirectory)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(stateDirectory, name), { recursive: true, force: true })
  }
}
