import type { Violation } from './rules.ts'

const shownBreaches = 10

/** A broken rule and the first of what breaks it. */
export const printViolation = ({ rule, breaches }: Violation): string =>
  [
    `  ${rule}`,
    ...breaches.slice(0, shownBreaches).map((breach) => `    ${breach}`),
    ...(breaches.length > shownBreaches ? [`    and ${breaches.length - shownBreaches} more`] : []),
  ].join('\n')
