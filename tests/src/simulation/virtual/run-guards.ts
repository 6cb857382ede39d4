import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod/mini'
import { makeWorkingCopy } from '../../mutants/working-copy.ts'
import { type Guard, guards } from './guards.ts'

/**
 * `node tests/src/simulation/virtual/run-guards.ts [text] [commands]`: takes one guard after the other away, in a copy of the tree, and lets the virtual tier look
 * for it with up to 200 seeds. Exit code 1 when one is not missed. `text` chooses guards by their names,
 * `commands` how many a seed has.
 */
const root = join(import.meta.dirname, '../../../..')
const [chosen = '', commands = '300'] = process.argv.slice(2)

/** Of a history. */
const mostLines = 60

const Row = z.object({
  seed: z.int(),
  violations: z.array(z.object({ rule: z.string() })),
  shrunk: z.optional(
    z.object({
      commands: z.int(),
      faults: z.int(),
      lines: z.array(z.string()),
      violations: z.array(z.object({ rule: z.string(), breaches: z.array(z.string()) })),
    }),
  ),
})

const run = promisify(execFile)

/** What the simulation prints, whatever it thinks of it. */
const simulate = async (copy: string): Promise<string> => {
  const args = [
    'tests/src/simulation/main.ts',
    '--seeds',
    '200',
    '--commands',
    commands,
    '--shrink',
    '30',
    '--json',
  ]
  try {
    return (await run(process.execPath, args, { cwd: copy, maxBuffer: 256 * 1_048_576 })).stdout
  } catch (error) {
    if (
      error instanceof Error &&
      'stdout' in error &&
      typeof error.stdout === 'string' &&
      error.stdout !== ''
    )
      return error.stdout
    throw error
  }
}

const tryWithout = async (copy: string, { name, file, before, after }: Guard): Promise<boolean> => {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(before).length !== 2) throw new Error(`${name}: its text is not in ${file} exactly once`)
  writeFileSync(
    path,
    text.replace(before, () => after),
  )
  try {
    const rows = (await simulate(copy))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => z.parse(Row, JSON.parse(line)))
    const broken = rows.find(({ violations }) => violations.length > 0)
    const { shrunk } = broken ?? {}
    process.stdout.write(
      broken === undefined
        ? `${name}: NOT MISSED in ${rows.length} seeds\n`
        : `${name}: missed by seed ${broken.seed}, ${shrunk?.commands} commands and ${shrunk?.faults} faults: ${broken.violations[0]?.rule}\n`,
    )
    for (const line of shrunk?.lines.slice(0, mostLines) ?? []) process.stdout.write(`  ${line}\n`)
    for (const { breaches } of shrunk?.violations ?? [])
      for (const breach of breaches.slice(0, 3)) process.stdout.write(`    ${breach}\n`)
    return broken !== undefined
  } finally {
    writeFileSync(path, text)
  }
}

const copy = makeWorkingCopy(root)
try {
  for (const guard of guards.filter(({ name }) => name.includes(chosen)))
    if (!(await tryWithout(copy.path, guard))) process.exitCode = 1
} finally {
  copy.remove()
}
