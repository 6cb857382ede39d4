import { compileCron, type NextOccurrence } from './cron-expression.ts'
import { instantOf, localTimeAt } from './local-time.ts'

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * Compiles `rate(5 minutes)`, `cron(0 3 * * ? *)` or `at(2026-01-31T08:00:00)` in an IANA time zone. A rate runs at `start`
 * (milliseconds since the epoch) for the first time. Throws an Error that quotes an expression or zone which it cannot read.
 */
export const compileScheduleExpression = (
  expression: string,
  timeZone: string,
  start: number,
): NextOccurrence => {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? []
  try {
    localTimeAt(start, timeZone)
    switch (kind) {
      case 'rate':
        return compileRate(argument, start)
      case 'cron':
        return compileCron(argument.trim().split(/\s+/), timeZone)
      case 'at':
        return compileAt(argument, timeZone)
      default:
        throw new Error('it is neither rate, cron nor at')
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`Schedule expression ${expression} in ${timeZone}: ${reason}`, { cause })
  }
}

const compileRate = (argument: string, start: number): NextOccurrence => {
  const [, value = '0', unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? []
  const period = Number(value) * (unitMs[unit] ?? 0)
  if (period === 0) throw new Error('a rate is a positive number and minutes, hours or days')
  return (after) => (after < start ? start : start + (Math.floor((after - start) / period) + 1) * period)
}

const compileAt = (argument: string, timeZone: string): NextOccurrence => {
  const [year, month, day, hour, minute, second] = (
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/.exec(argument)?.slice(1) ?? []
  ).map(Number)
  if (
    year === undefined ||
    month === undefined ||
    day === undefined ||
    hour === undefined ||
    minute === undefined ||
    second === undefined
  ) {
    throw new Error('a time is written yyyy-mm-ddThh:mm:ss')
  }
  const instant = instantOf({ year, month, day, hour, minute, second }, timeZone)
  if (instant === undefined) throw new Error('clocks never show this time')
  return (after) => (instant > after ? instant : undefined)
}
