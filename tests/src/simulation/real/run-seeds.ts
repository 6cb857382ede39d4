import { inParallel } from '@stockroom/outbox/in-parallel'
import { commandsOf, realScale } from '../command.ts'
import type { RealTier, RealVerdict } from './real-tier.ts'
import { shrinkRun } from './shrink.ts'

export interface RealSeedsOptions {
  readonly seeds: readonly number[]
  /** Of each seed. */
  readonly commands: number
  readonly rate: number
  /** How many local clouds run side by side. */
  readonly atOnce: number
  /** For the shortest history of a seed that broke a rule; seconds and runs. */
  readonly shrink: { readonly seconds: number; readonly mostTries: number }
  readonly onSeed?: (seed: number, verdict: RealVerdict) => void
}

/** A seed that broke a rule, for people. */
export interface RealFailure {
  readonly seed: number
  readonly text: string
}

/** Runs seeds until one breaks a rule, and then makes its history short; undefined when none did. */
export const runRealSeeds = async (
  tier: RealTier,
  { seeds, commands, rate, atOnce, shrink, onSeed }: RealSeedsOptions,
): Promise<RealFailure | undefined> => {
  let failed: { readonly seed: number; readonly verdict: RealVerdict } | undefined
  await inParallel(seeds, atOnce, async (seed) => {
    if (failed !== undefined) return
    const verdict = await tier.run({ seed, rate, commands: commandsOf(realScale, commands, seed) })
    onSeed?.(seed, verdict)
    if (verdict.violations.length > 0) failed ??= { seed, verdict }
  })
  if (failed === undefined) return undefined
  const { seed, verdict } = failed
  const run = { seed, rate, commands: commandsOf(realScale, commands, seed) }
  const shrunk = await shrinkRun(tier, run, verdict, {
    mostTries: shrink.mostTries,
    deadline: Date.now() + shrink.seconds * 1_000,
    atOnce,
  })
  return {
    seed,
    text: [
      `seed ${seed} broke a rule:`,
      ...verdict.violations.flatMap(described),
      '',
      `${shrunk.commands.length} of its ${commands} commands were enough to break (${shrunk.tries} runs tried):`,
      ...shrunk.verdict.violations.flatMap(described),
      ...shrunk.verdict.lines,
      '',
      `its logs and its history: ${shrunk.verdict.kept ?? verdict.kept ?? ''}`,
      `again: npm run simulate -- --tier real --seed ${seed} --commands ${commands} --faults ${rate * 100}%`,
      'A real run is not deterministic: it takes the same commands and faults, and the machine its own time.',
    ].join('\n'),
  }
}

const shownBreaches = 10

const described = ({ rule, breaches }: RealVerdict['violations'][number]): readonly string[] => [
  `  ${rule}`,
  ...breaches.slice(0, shownBreaches).map((breach) => `    ${breach}`),
  ...(breaches.length > shownBreaches ? [`    and ${breaches.length - shownBreaches} more`] : []),
]
