import {
  exactFaultPlan,
  type FaultPlanOptions,
  type Injection,
  makeFaultPlan,
} from '@stockroom/local-cloud/faults/fault-plan'
import { seededHash } from '@stockroom/local-cloud/faults/seeded-hash'
import type fc from 'fast-check'
import { arbitraryCommands, type Command, virtualScale } from '../command.ts'
import type { Verdict } from '../simulate.ts'
import { runVirtual } from './run-virtual.ts'

/** A run in full: everything that happens follows from it. */
export interface ExactRun {
  readonly seed: number
  readonly commands: readonly Command[]
  readonly injected: readonly Injection[]
}

export interface Shrunk extends ExactRun {
  readonly verdict: Verdict
  /** How many shorter runs were tried. */
  readonly tries: number
}

/** The same run as often as one likes. */
export const runExactly = ({ seed, commands, injected }: ExactRun): Promise<Verdict> =>
  runVirtual({ seed, commands, plan: exactFaultPlan(injected) })

/** The processor's time of this process: a machine that is busy with something else takes nothing from the search. */
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000_000
}

/**
 * Looks for the shortest run that breaks the same rule: only the first commands, then fewer of them, then fewer faults, by halves and ever smaller
 * parts, then simpler commands as fast-check has them; until nothing shorter breaks it or `seconds` of the processor's time are used up.
 */
export const shrink = async (
  found: ExactRun,
  rule: string,
  { seconds, faults }: { readonly seconds: number; readonly faults: Omit<FaultPlanOptions, 'seed'> },
): Promise<Shrunk> => {
  const end = cpuSeconds() + seconds
  let best: ExactRun & { readonly verdict: Verdict } = { ...found, verdict: await runExactly(found) }
  let tries = 0
  const breaks = async (candidate: ExactRun, run: () => Promise<Verdict>): Promise<boolean> => {
    if (cpuSeconds() > end) return false
    tries += 1
    const verdict = await run()
    if (!verdict.violations.some((violation) => violation.rule === rule)) return false
    // Faults that did not take place any more are no part of it.
    best = { ...candidate, injected: verdict.injected, verdict }
    return true
  }
  const fails = (candidate: ExactRun): Promise<boolean> => breaks(candidate, () => runExactly(candidate))
  /** With a command less, everything after it meets other faults at other times; so a short list gets several chances to fail. */
  const failsSomehow = async (commands: readonly Command[]): Promise<boolean> => {
    if (await fails({ ...best, commands })) return true
    const chances = Math.min(mostChances, Math.floor(300 / Math.max(1, commands.length)))
    for (let chance = 1; chance <= chances; chance++) {
      const seed = seededHash(found.seed, chance)
      const run = () => runVirtual({ seed, commands, plan: makeFaultPlan({ ...faults, seed }) })
      if (await breaks({ seed, commands, injected: [] }, run)) return true
    }
    return false
  }

  // What follows the breach is not needed, and short runs cost little.
  for (let first = 1; first < best.commands.length; first *= 2)
    if (await failsSomehow(best.commands.slice(0, first))) break
  for (let before = Number.POSITIVE_INFINITY; sizeOf(best) < before && cpuSeconds() < end; ) {
    before = sizeOf(best)
    await withoutParts(() => best.commands, failsSomehow)
    await withoutParts(
      () => best.injected,
      (injected) => fails({ ...best, injected }),
    )
    await simplify(best.commands, (commands) => fails({ ...best, commands }))
  }
  return { ...best, tries }
}

/** For a list of commands to fail. */
const mostChances = 15

const sizeOf = ({ commands, injected }: ExactRun): number => commands.length + injected.length

/** Leaves parts out for as long as that fails: halves first, single items last. */
const withoutParts = async <T>(
  current: () => readonly T[],
  fails: (shorter: readonly T[]) => Promise<boolean>,
): Promise<void> => {
  for (let size = Math.ceil(current().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < current().length; ) {
      const shorter = current().toSpliced(start, size)
      if (!(await fails(shorter))) start += size
    }
  }
}

/** Takes the first simpler list that fails, and goes on from there. */
const simplify = async (
  commands: readonly Command[],
  fails: (simpler: readonly Command[]) => Promise<boolean>,
): Promise<void> => {
  const arbitrary = arbitraryCommands(virtualScale, Math.max(1, commands.length))
  for (let current: readonly Command[] | undefined = commands; current !== undefined; ) {
    const candidates: Iterable<fc.Value<Command[]>> = arbitrary.shrink([...current], undefined)
    current = undefined
    for (const { value } of candidates)
      if (await fails(value)) {
        current = value
        break
      }
  }
}
