import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import * as z from 'zod'
import type { Mutant } from './mutant.ts'

export type TestRun =
  | { readonly outcome: 'passed' }
  /** `by` is the title of the first test that failed. */
  | { readonly outcome: 'failed'; readonly by: string }
  /** No test ran to its end, so nothing is known: a file that does not load, or no test of that name. */
  | { readonly outcome: 'broken'; readonly reason: string }
  | { readonly outcome: 'timed_out' }

const Report = z.object({
  testResults: z.array(
    z.object({
      message: z.optional(z.string()),
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
})

const limitMs = 180_000

/** Leaders of the groups that run now. */
const running = new Set<number>()

/** Ends every test that runs, and the engines that it started. */
export const endTests = (): void => {
  for (const pid of running) process.kill(-pid, 'SIGKILL')
}

/** Runs the tests of a mutant in the copy at `root`; templates are synthesised anew before tests of `infra`. */
export const runTests = async (root: string, { files, name }: Mutant['test']): Promise<TestRun> => {
  const [first = ''] = files
  const folder = /^(?:apps\/[^/]+|packages\/[^/]+|[^/]+)/.exec(first)?.[0] ?? ''
  const cwd = join(root, folder)
  if (folder === 'infra') {
    const synth = await run(process.execPath, ['src/app.ts'], cwd)
    if (synth.code !== 0) return { outcome: 'broken', reason: `synth: ${synth.output}` }
  }
  const report = join(cwd, 'mutant-results.json')
  rmSync(report, { force: true })
  const { code, output } = await run(
    join(root, 'node_modules/.bin/vitest'),
    [
      'run',
      '--dir=src',
      '--test-timeout=60000',
      '--hook-timeout=60000',
      '--bail=1',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...(name === undefined ? [] : [`--testNamePattern=${name}`]),
      ...files.map((file) => relative(folder, file)),
    ],
    cwd,
  )
  if (code === undefined) return { outcome: 'timed_out' }
  if (!existsSync(report)) return { outcome: 'broken', reason: output }
  const results = Report.parse(JSON.parse(readFileSync(report, 'utf8'))).testResults
  const tests = results.flatMap(({ assertionResults }) => assertionResults)
  const failed = tests.find(({ status }) => status === 'failed')
  if (failed !== undefined) return { outcome: 'failed', by: failed.title }
  if (code === 0 && tests.some(({ status }) => status === 'passed')) return { outcome: 'passed' }
  return { outcome: 'broken', reason: results.map(({ message }) => message).join(' ') || output }
}

/** The exit code, or undefined when it took too long; and the last line of what it wrote. */
const run = (
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number | null | undefined; readonly output: string }> =>
  new Promise((resolve, reject) => {
    // A group of its own, so that engines which the tests started end with it.
    const child = spawn(command, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    if (child.pid !== undefined) running.add(child.pid)
    let output = ''
    let late = false
    const limit = setTimeout(() => {
      late = true
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, limitMs)
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = `${output}${chunk.toString()}`.slice(-10_000)
      })
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(limit)
      if (child.pid !== undefined) running.delete(child.pid)
      resolve({ code: late ? undefined : code, output: output.trim().split('\n').at(-1) ?? '' })
    })
  })
