import { table } from '../terminal/table.ts'
import type { Check } from './check.ts'

const shownBreaches = 20

/** The audit as a table, and below it every breach (the first 20 of each promise). */
export const printAudit = (checks: readonly Check[]): string => {
  const breached = checks.filter(({ breaches }) => breaches.length > 0)
  return [
    table(
      ['promise', 'looked at', 'breaches'],
      checks.map(({ promise, counted, breaches }) => [promise, counted, breaches.length]),
    ),
    ...breached.map(({ promise, breaches }) =>
      [
        `\nBREACH: ${promise}`,
        ...breaches.slice(0, shownBreaches).map((breach) => `  ${breach}`),
        ...(breaches.length > shownBreaches ? [`  and ${breaches.length - shownBreaches} more`] : []),
      ].join('\n'),
    ),
    '',
    breached.length === 0
      ? 'The books balance.'
      : `The books do NOT balance: ${breached.length} of ${checks.length} promises broken.`,
  ].join('\n')
}
