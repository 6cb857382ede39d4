import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants.ts'
import { endTests, runTests, type TestRun } from './run-tests.ts'
import { makeWorkingCopy } from './working-copy.ts'

/**
 * `pnpm mutants`: takes one guard after the other away, in a copy of the tree, and runs the tests that must notice. Exit code 1 when one does not, when
 * a mutant's text is not in its file any more, or when its tests fail without it.
 */
const root = join(import.meta.dirname, '../../..')

const fail = (line: string): never => {
  process.stderr.write(`mutants: ${line}\n`)
  process.exit(1)
}
const readOptions = () => {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        jobs: { type: 'string', default: '2' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}; --help lists the options`)
  }
}
const options = readOptions()
if (options.help) {
  process.stdout.write(
    'Usage: pnpm mutants [--only TEXT] [--jobs N]\n\n' +
      '  --only TEXT  the mutants whose name, file or fault (as #27) holds this text\n' +
      '  --jobs N     copies of the tree that work side by side, 1 to 16 (2)\n',
  )
  process.exit(0)
}
const jobs = Number(options.jobs)
if (!Number.isInteger(jobs) || jobs < 1 || jobs > 16)
  fail(`--jobs ${options.jobs}: use a number from 1 to 16`)
const { only } = options
const chosen = mutants.filter(
  ({ name, file, faults }) =>
    only === undefined ||
    name.includes(only) ||
    file.includes(only) ||
    faults.some((fault) => only === `#${fault}`),
)
if (chosen.length === 0)
  fail(`--only ${only}: no mutant's name, file or fault holds this; leave it out to run all`)

const once = (text: string, part: string): boolean => text.split(part).length === 2

type Verdict =
  | { readonly killed: true; readonly by: string }
  | { readonly killed: false; readonly reason: string }

const judge = (run: TestRun): Verdict => {
  switch (run.outcome) {
    case 'failed':
      return { killed: true, by: run.by }
    case 'timed_out':
      return { killed: true, by: '(no end)' }
    case 'passed':
      return { killed: false, reason: 'SURVIVED: its tests pass' }
    case 'broken':
      return { killed: false, reason: `its tests do not run: ${run.reason}` }
    default:
      return run satisfies never
  }
}

/** The test files without any mutant, each set once however many mutants name it: who fails anyway proves nothing. */
const sound = new Map<string, Promise<TestRun>>()
const soundIn = (copy: string, { files }: Mutant['test']): Promise<TestRun> => {
  const key = files.join()
  const run = sound.get(key) ?? runTests(copy, { files })
  sound.set(key, run)
  return run
}

const apply = async (copy: string, { file, before, after, test }: Mutant): Promise<Verdict> => {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (!once(text, before)) return { killed: false, reason: 'its text is not in the file exactly once' }
  const without = await soundIn(copy, test)
  if (without.outcome !== 'passed')
    return { killed: false, reason: `its tests fail without it: ${JSON.stringify(without)}` }
  writeFileSync(
    path,
    text.replace(before, () => after),
  )
  try {
    return judge(await runTests(copy, test))
  } finally {
    writeFileSync(path, text)
  }
}

const fit = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width)

const started = performance.now()
let survivors = 0
let done = 0
const queue = chosen.values()
const copies = new Set<{ remove(): void }>()
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => {
    endTests()
    for (const copy of copies) copy.remove()
    process.exit(code)
  })
const work = async (): Promise<void> => {
  const copy = makeWorkingCopy(root)
  copies.add(copy)
  try {
    for (const mutant of queue) {
      const begun = performance.now()
      const verdict = await apply(copy.path, mutant)
      const seconds = ((performance.now() - begun) / 1_000).toFixed(1).padStart(6)
      done += 1
      if (!verdict.killed) survivors += 1
      const number = `${done}/${chosen.length}`.padStart(7)
      process.stdout.write(
        verdict.killed
          ? `${number}  ${fit(mutant.name, 44)} ${seconds} s  ${fit(verdict.by, 46)}\n`
          : `${number}  ${fit(mutant.name, 44)} ${seconds} s  NOT KILLED\n         ${mutant.file}: ${verdict.reason}\n`,
      )
    }
  } finally {
    copies.delete(copy)
    copy.remove()
  }
}
process.stdout.write(`${'done'.padStart(7)}  ${fit('guard taken away', 44)}     time  killed by\n`)
await Promise.all(Array.from({ length: Math.min(jobs, chosen.length) }, work))
const minutes = ((performance.now() - started) / 60_000).toFixed(1)
process.stdout.write(
  `${chosen.length - survivors} of ${chosen.length} mutants killed in ${minutes} minutes${survivors > 0 ? `; ${survivors} NOT KILLED` : ''}\n`,
)
process.exitCode = survivors > 0 ? 1 : 0
