import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod/mini'

/** Prints the sum of all packages' tests as `N passed, N failed`; exit code 1 when one failed, was skipped, or a package left no result. */
const Results = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
})
const Manifest = z.object({ name: z.string(), scripts: z.optional(z.record(z.string(), z.string())) })

const root = join(import.meta.dirname, '../..')
let [passed, failed] = [0, 0]
for (const file of globSync('{apps/*,packages/*,infra,tests}/package.json', { cwd: root })) {
  const { name, scripts = {} } = Manifest.parse(JSON.parse(readFileSync(join(root, file), 'utf8')))
  const results = join(root, dirname(file), 'test-results.json')
  if (scripts.test === undefined) continue
  if (!existsSync(results)) {
    console.log(`${name}: no test ran`)
    failed += 1
    continue
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = Results.parse(
    JSON.parse(readFileSync(results, 'utf8')),
  )
  const skipped = numPendingTests + numTodoTests
  if (skipped > 0) console.log(`${name}: ${skipped} skipped, which counts as failed`)
  passed += numPassedTests
  failed += numFailedTests + skipped
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
