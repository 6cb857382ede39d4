import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { printViolation } from '../print-violation.ts'
import { runKept, runVirtualSeeds } from './run-seeds.ts'
import type { WorkerAnswer } from './worker-protocol.ts'

const told = ({ seed, violations, shrunk }: WorkerAnswer): string =>
  [
    `seed ${seed} breaks a rule; npm run simulate -- --seed ${seed} tells more`,
    ...violations.map(printViolation),
    ...(shrunk?.verdict.lines ?? []),
  ].join('\n')

test('no rule is broken by 200 shops, 300 commands each, at 10 % faults', async () => {
  const seeds = Array.from({ length: 200 }, (_, index) => index + 1)
  const answers = await runVirtualSeeds({
    seeds,
    commands: 300,
    rate: 0.1,
    shrinkSeconds: 120,
    keepLines: false,
  })
  const broken = answers.find(({ violations }) => violations.length > 0)
  expect(broken === undefined ? '' : told(broken)).toBe('')
  expect(answers).toHaveLength(200)
  // What this rests on: there were faults, and messages that came home from where they were parked.
  const sum = (of: 'faults' | 'parked') => answers.reduce((total, { counts }) => total + counts[of], 0)
  expect(sum('faults')).toBeGreaterThan(10_000)
  expect(sum('parked')).toBeGreaterThan(10)
})

test('the same seed gives the same history to the byte, in another process as well', async () => {
  const run = () =>
    runVirtualSeeds({ seeds: [7], commands: 300, rate: 0.1, shrinkSeconds: 0, keepLines: true })
  const [[first], [second]] = await Promise.all([run(), run()])
  expect(first?.lines?.length).toBeGreaterThan(300)
  expect(second?.lines).toEqual(first?.lines)
})

const kept = globSync(join(import.meta.dirname, '../regressions/*.json'))
test.each(kept.map((file) => [basename(file), file]))(
  'what once broke a rule does not any more: %s',
  async (_, file) => {
    const { violations } = await runKept(JSON.parse(readFileSync(file, 'utf8')))
    expect(violations).toEqual([])
  },
)
