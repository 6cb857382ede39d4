import { expect, test } from 'vitest'
import { compileScheduleExpression } from './schedule-expression.ts'

const utc = (text: string) => Date.parse(`${text}Z`)
const occurrences = (expression: string, timeZone: string, after: string, count: number) => {
  const next = compileScheduleExpression(expression, timeZone, utc(after))
  const found: string[] = []
  let instant: number | undefined = utc(after)
  while (found.length < count) {
    instant = next(instant)
    if (instant === undefined) break
    found.push(new Date(instant).toISOString().slice(0, 16))
  }
  return found
}

test.each<[string, string, string, string[]]>([
  ['cron(0 3 * * ? *)', 'UTC', '2026-01-01T03:00', ['2026-01-02T03:00', '2026-01-03T03:00']],
  ['cron(*/20 8-9 * * ? *)', 'UTC', '2026-01-01T08:30', ['2026-01-01T08:40', '2026-01-01T09:00']],
  ['cron(0 0 1 JAN,JUL ? *)', 'UTC', '2026-01-01T00:00', ['2026-07-01T00:00', '2027-01-01T00:00']],
  ['cron(0 9 ? * MON-FRI *)', 'UTC', '2026-01-02T09:00', ['2026-01-05T09:00', '2026-01-06T09:00']],
  ['cron(0 9 ? * 6L *)', 'UTC', '2026-01-01T00:00', ['2026-01-30T09:00', '2026-02-27T09:00']],
  ['cron(0 9 ? * 3#2 *)', 'UTC', '2026-01-01T00:00', ['2026-01-13T09:00', '2026-02-10T09:00']],
  ['cron(0 9 L * ? *)', 'UTC', '2026-02-01T00:00', ['2026-02-28T09:00', '2026-03-31T09:00']],
  ['cron(0 9 LW * ? *)', 'UTC', '2026-01-01T00:00', ['2026-01-30T09:00', '2026-02-27T09:00']],
  ['cron(0 9 15W * ? *)', 'UTC', '2026-02-01T00:00', ['2026-02-16T09:00', '2026-03-16T09:00']],
  ['cron(0 9 1W * ? *)', 'UTC', '2026-08-01T00:00', ['2026-08-03T09:00', '2026-09-01T09:00']],
  ['cron(0 0 29 2 ? *)', 'UTC', '2026-01-01T00:00', ['2028-02-29T00:00', '2032-02-29T00:00']],
  ['cron(0 0 1 1 ? 2027)', 'UTC', '2026-01-01T00:00', ['2027-01-01T00:00']],
  ['cron(0 9 * * ? *)', 'Europe/Vienna', '2026-03-28T12:00', ['2026-03-29T07:00', '2026-03-30T07:00']],
  ['cron(0 9 * * ? *)', 'America/New_York', '2026-01-01T00:00', ['2026-01-01T14:00', '2026-01-02T14:00']],
  ['cron(30 2 * * ? *)', 'Europe/Vienna', '2026-03-28T12:00', ['2026-03-30T00:30', '2026-03-31T00:30']],
  ['cron(30 2 * * ? *)', 'Europe/Vienna', '2026-10-24T12:00', ['2026-10-25T00:30', '2026-10-26T01:30']],
  ['rate(5 minutes)', 'UTC', '2026-01-01T00:02', ['2026-01-01T00:07', '2026-01-01T00:12']],
  ['rate(1 hour)', 'UTC', '2026-01-01T00:02', ['2026-01-01T01:02', '2026-01-01T02:02']],
  ['rate(1 day)', 'UTC', '2026-01-01T00:02', ['2026-01-02T00:02', '2026-01-03T00:02']],
  ['at(2026-06-01T08:00:00)', 'Europe/Vienna', '2026-01-01T00:00', ['2026-06-01T06:00']],
  ['at(2026-06-01T08:00:00)', 'Europe/Vienna', '2026-07-01T00:00', []],
])('%s in %s after %s', (expression, timeZone, after, expected) => {
  expect(occurrences(expression, timeZone, after, 2)).toEqual(expected)
})

test('a rate runs for the first time at its start', () => {
  const next = compileScheduleExpression('rate(1 hour)', 'UTC', utc('2026-01-01T00:30'))
  expect(next(utc('2026-01-01T00:00'))).toBe(utc('2026-01-01T00:30'))
})

test.each([
  ['every(5 minutes)', 'UTC'],
  ['rate(0 minutes)', 'UTC'],
  ['rate(5 seconds)', 'UTC'],
  ['cron(0 3 * * * *)', 'UTC'],
  ['cron(0 3 ? * ? *)', 'UTC'],
  ['cron(0 3 * * ?)', 'UTC'],
  ['cron(60 3 * * ? *)', 'UTC'],
  ['cron(0 3 * FOO ? *)', 'UTC'],
  ['cron(9-5 3 * * ? *)', 'UTC'],
  ['cron(0 3 32W * ? *)', 'UTC'],
  ['at(tomorrow)', 'UTC'],
  ['rate(5 minutes)', 'Mars/Olympus'],
])('refuses %s in %s and quotes it', (expression, timeZone) => {
  expect(() => compileScheduleExpression(expression, timeZone, 0)).toThrow(expression)
})
