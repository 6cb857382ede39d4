import { type Coverage, coverage } from './coverage.ts'

/** The coverage table as Markdown, for COVERAGE.md. */
export const coverageTable = (): string =>
  [
    '# What templates may hold',
    '',
    'Written from `src/template/coverage.ts` by its test (`vitest run -u`). A resource type, a property or a value that is not',
    'here stops the start with an error that names the logical id.',
    '',
    '| type | emulated | properties accepted without effect |',
    '| --- | --- | --- |',
    ...Object.entries(coverage).map(([type, row]) => `| \`${type}\` | ${cells(row)} |`),
    '',
  ].join('\n')

const cells = (row: Coverage): string => {
  if ('ignored' in row) return `no: ${row.ignored} | all`
  const byReason = Map.groupBy(Object.entries(row.withoutEffect), ([, reason]) => reason)
  const properties = [...byReason].map(
    ([reason, entries]) => `${entries.map(([name]) => `\`${name}\``).join(', ')}: ${reason}`,
  )
  return `${row.emulated} | ${properties.join('<br>')}`
}
