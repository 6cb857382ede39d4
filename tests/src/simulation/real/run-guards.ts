import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod/mini'
import { makeWorkingCopy } from '../../mutants/working-copy.ts'
import { type BundledGuard, guards } from './guards.ts'

/**
 * `node tests/src/simulation/real/run-guards.ts [text] [seeds]`: takes one guard of the adapters after the other away, in a copy of the tree, bundles what
 * holds it and lets the real tier look for it. Exit code 1 when one is not missed. `text` chooses guards by their names; 200 seeds if not said.
 */
const root = join(import.meta.dirname, '../../../..')
const [chosen = '', seeds = '200'] = process.argv.slice(2)

const Row = z.object({ seed: z.int(), violations: z.array(z.object({ rule: z.string() })) })

const run = promisify(execFile)

const bundle = async (copy: string, apps: readonly string[]): Promise<void> => {
  for (const app of apps) {
    const cwd = join(copy, 'apps', app)
    await run(process.execPath, [join(copy, 'packages/bundle/src/bundle-functions.ts')], { cwd })
    // Bundling clears what it writes beside.
    if (app === 'api') await run(process.execPath, ['src/openapi/write-openapi.ts'], { cwd })
  }
  await run(process.execPath, ['src/app.ts'], { cwd: join(copy, 'infra') })
}

/** A line of JSON for each seed; the exit code says the same as they do. */
const simulate = async (copy: string): Promise<string> => {
  const args = ['tests/src/simulation/main.ts', '--tier', 'real', '--seeds', seeds, '--shrink', '0', '--json']
  try {
    return (await run(process.execPath, args, { cwd: copy, maxBuffer: 64 * 1_048_576 })).stdout
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') return error.stdout
    throw error
  }
}

const tryWithout = async (
  copy: string,
  { name, file, before, after, apps }: BundledGuard,
): Promise<boolean> => {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(before).length !== 2) throw new Error(`${name}: its text is not in ${file} exactly once`)
  writeFileSync(
    path,
    text.replace(before, () => after),
  )
  try {
    await bundle(copy, apps)
    const rows = (await simulate(copy))
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => z.parse(Row, JSON.parse(line)))
    const index = rows.findIndex(({ violations }) => violations.length > 0)
    const broken = rows[index]
    if (broken === undefined && rows.length < Number(seeds))
      throw new Error(`${name}: only ${rows.length} of ${seeds} seeds ran`)
    process.stdout.write(
      broken === undefined
        ? `${name}: NOT MISSED in ${rows.length} seeds\n`
        : `${name}: missed by seed ${broken.seed}, number ${index + 1}: ${broken.violations.map(({ rule }) => rule).join('; ')}\n`,
    )
    return broken !== undefined
  } finally {
    writeFileSync(path, text)
    await bundle(copy, apps)
  }
}

const copy = makeWorkingCopy(root)
try {
  for (const guard of guards.filter(({ name }) => name.includes(chosen)))
    if (!(await tryWithout(copy.path, guard))) process.exitCode = 1
} finally {
  copy.remove()
}
