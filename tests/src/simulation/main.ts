import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { callFaultKinds } from '@stockroom/local-cloud/faults/call-fault'
import { deliveryFaultKinds } from '@stockroom/local-cloud/faults/delivery-fault'
import { terminalProgress } from '@stockroom/ops/terminal/progress'
import { Command, InvalidArgumentError, Option } from 'commander'
import { printViolation } from './print-violation.ts'
import { openRealTier } from './real/real-tier.ts'
import { runRealSeeds } from './real/run-seeds.ts'
import { runKept, runVirtualSeeds } from './virtual/run-seeds.ts'
import type { Shrunk } from './virtual/shrink.ts'
import type { WorkerAnswer } from './virtual/worker-protocol.ts'

/** The `simulate` command: random shops, commands and faults by seed, and an audit of all invariants; exit code 1 when one is broken. */
const root = join(import.meta.dirname, '../../..')

const integer = (minimum: number, maximum: number) => (text: string) => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return value
  throw new InvalidArgumentError(`Give a whole number from ${minimum} to ${maximum}.`)
}

/** `10%` is 0.1. */
const share = (text: string): number => {
  const value = Number(/^(\d+(?:\.\d+)?)%?$/.exec(text)?.[1])
  if (value >= 0 && value <= 100) return value / 100
  throw new InvalidArgumentError('Give a percentage from 0% to 100%.')
}

/** npm runs scripts in the repository's folder and tells in INIT_CWD where its user stands. */
const readableFile = (path: string): string => {
  const file = resolve(process.env.INIT_CWD ?? '.', path)
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file
  throw new InvalidArgumentError(`There is no file ${file}.`)
}

const operations = ['GetItem', 'BatchGetItem', 'TransactWriteItems', 'SendMessageBatch']
const faultKinds = [
  ...new Set([...operations.flatMap(callFaultKinds), ...Object.values(deliveryFaultKinds).flat()]),
].toSorted()

interface Options {
  readonly tier: 'virtual' | 'real'
  readonly seed?: number
  readonly seeds?: number
  readonly commands?: number
  readonly faults: number
  readonly only?: typeof faultKinds
  readonly processes: number
  readonly shrink: number
  readonly again?: string
  readonly json: boolean
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const simulateVirtual = async ({
  seed,
  seeds,
  commands = 300,
  faults,
  only,
  processes,
  shrink,
  json,
}: Options) => {
  const first = seed ?? 1
  const count = seeds ?? (seed === undefined ? 200 : 1)
  const single = count === 1
  const run = () =>
    runVirtualSeeds({
      seeds: Array.from({ length: count }, (_, index) => first + index),
      commands,
      rate: faults,
      ...(only === undefined ? {} : { kinds: only }),
      shrinkSeconds: shrink,
      keepLines: single,
      processes,
      onSeed: (answer) => {
        done += 1
        faultsMet += answer.counts.faults
        update(`${done} of ${count} seeds, ${faultsMet} faults`)
        if (json) {
          const { shrunk, lines: _, ...row } = answer
          say(JSON.stringify({ ...row, ...(shrunk === undefined ? {} : { shrunk: inNumbers(shrunk) }) }))
        }
      },
    })
  let [done, faultsMet] = [0, 0]
  let update: (text: string) => void = () => undefined
  let answers: readonly WorkerAnswer[] = []
  await terminalProgress().step('simulate', async (show) => {
    update = show
    answers = await run()
    return `${done} of ${count} seeds, ${commands} commands each, ${faultsMet} faults`
  })
  const broken = answers.filter(({ violations }) => violations.length > 0).sort((a, b) => a.seed - b.seed)[0]
  if (json) return broken === undefined ? 0 : 1
  if (single) for (const line of answers[0]?.lines ?? []) say(line)
  if (broken === undefined) {
    say(
      single
        ? `seed ${first}: no rule broken, history ${answers[0]?.digest}`
        : `${count} seeds: no rule broken`,
    )
    return 0
  }
  printBroken(broken, { commands, faults })
  return 1
}

/** A shrunk run for scripts: its size, its history and what it breaks. */
const inNumbers = ({ commands, injected, verdict: { lines, violations } }: Shrunk) => ({
  commands: commands.length,
  faults: injected.length,
  lines,
  violations,
})

const printBroken = (
  { seed, violations, shrunk }: WorkerAnswer,
  { commands, faults }: { readonly commands: number; readonly faults: number },
): void => {
  say(`seed ${seed} BREAKS A RULE`)
  for (const violation of violations) say(printViolation(violation))
  if (shrunk !== undefined) {
    const { verdict, tries, ...run } = shrunk
    say(
      `\nThe shortest run found that breaks the first of them, of ${tries} tried: ${run.commands.length} commands, ${run.injected.length} faults`,
    )
    for (const line of verdict.lines) say(line)
    for (const violation of verdict.violations) say(printViolation(violation))
    const directory = join(root, '.stockroom/simulation')
    const file = join(directory, `seed-${seed}.json`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`)
    say(`\nagain, the shortest: npm run simulate -- --again ${file}`)
    say('to keep it as a test: move that file to tests/src/simulation/regressions')
  }
  say(
    `again, the whole:    npm run simulate -- --seed ${seed} --commands ${commands} --faults ${faults * 100}%`,
  )
}

/** Local clouds that a machine of some cores runs side by side without one waiting for the other. */
const cloudsAtOnce = 3

const simulateReal = async ({
  seed,
  seeds,
  commands = 200,
  faults,
  only,
  shrink,
  json,
}: Options): Promise<number> => {
  if (only !== undefined) throw new Error('--only goes with --tier virtual; the real tier injects all kinds')
  const first = seed ?? 1
  const count = seeds ?? (seed === undefined ? 20 : 1)
  const tier = openRealTier()
  let done = 0
  let failure: Awaited<ReturnType<typeof runRealSeeds>>
  try {
    await terminalProgress().step('simulate', async (update) => {
      failure = await runRealSeeds(tier, {
        seeds: Array.from({ length: count }, (_, index) => first + index),
        commands,
        rate: faults,
        atOnce: cloudsAtOnce,
        shrink: { seconds: 2 * shrink, mostTries: 60 },
        onSeed: (number, { violations, counts, lines }) => {
          done += 1
          update(`${done} of ${count} seeds`)
          if (json) say(JSON.stringify({ seed: number, violations, counts }))
          else if (count === 1) for (const line of lines) say(line)
        },
      })
      return `${done} of ${count} seeds, ${commands} commands each`
    })
  } finally {
    tier.close()
  }
  if (!json) say(failure?.text ?? `${count} seeds: no rule broken`)
  return failure === undefined ? 0 : 1
}

const again = async (file: string): Promise<number> => {
  const { lines = [], violations } = await runKept(JSON.parse(readFileSync(file, 'utf8')))
  for (const line of lines) say(line)
  for (const violation of violations) say(printViolation(violation))
  if (violations.length === 0) say('no rule broken')
  return violations.length === 0 ? 0 : 1
}

const program = new Command('simulate')
  .description(
    'Plays random commands under random faults and audits every invariant; exit code 1 when one is broken.',
  )
  .showHelpAfterError('(add --help for what there is)')
  .addOption(
    new Option('--tier <tier>', 'virtual: in memory and virtual time; real: bundles, engines and real time')
      .choices(['virtual', 'real'])
      .default('virtual'),
  )
  .option(
    '--seed <n>',
    'the first seed; alone it runs just this one and prints its history',
    integer(0, 4_294_967_295),
  )
  .option('--seeds <n>', 'how many seeds (default: virtual 200, real 20)', integer(1, 10_000_000))
  .option('--commands <n>', 'commands of each seed (default: virtual 300, real 200)', integer(1, 100_000))
  .option('--faults <share>', 'share of calls and deliveries that meet a fault', share, 0.1)
  .addOption(new Option('--only <kind...>', 'only these faults').choices(faultKinds))
  .option('--processes <n>', 'how many run side by side', integer(1, 256), availableParallelism())
  .option(
    '--shrink <seconds>',
    'processor time to look for the shortest run that breaks a rule',
    integer(0, 86_400),
    90,
  )
  .option('--again <file>', 'run exactly what a violation left in this file', readableFile)
  .option('--json', 'a line of JSON for each seed', false)
  .action(async (options: Options) => {
    if (options.again !== undefined) process.exitCode = await again(options.again)
    else if (options.tier === 'virtual') process.exitCode = await simulateVirtual(options)
    else process.exitCode = await simulateReal(options)
  })

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`simulate: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
