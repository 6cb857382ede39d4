import { expect, it } from 'vitest'
import { coverageTable } from './coverage-table.ts'

it('COVERAGE.md says what the readers do', async () => {
  await expect(coverageTable()).toMatchFileSnapshot('../../COVERAGE.md')
})
