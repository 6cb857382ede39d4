import { instantOf, localTimeAt } from './local-time.ts'

/** The next instant after `after` at which the schedule is due, both in milliseconds since the epoch; undefined when there is none. */
export type NextOccurrence = (after: number) => number | undefined

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const lastYear = 2199

/**
 * Compiles AWS's six cron fields: minutes, hours, day of month, month, day of week (1 is Sunday), year; with `, - * / ? L W #`.
 * A time that clocks skip in spring is skipped, one that they repeat in autumn is taken once (EventBridge Scheduler, schedule-types).
 * Throws on a field that it cannot read.
 */
export const compileCron = (fields: readonly string[], timeZone: string): NextOccurrence => {
  const [minuteField, hourField, dayField, monthField, weekdayField, yearField] = fields
  if (
    !minuteField ||
    !hourField ||
    !dayField ||
    !monthField ||
    !weekdayField ||
    !yearField ||
    fields.length > 6
  ) {
    throw new Error('a cron expression has six fields')
  }
  if ((dayField === '?') === (weekdayField === '?')) {
    throw new Error('exactly one of day-of-month and day-of-week is ?')
  }
  const minutes = parseSet(minuteField, 0, 59)
  const hours = parseSet(hourField, 0, 23)
  const months = parseSet(monthField, 1, 12, monthNames)
  const years = parseSet(yearField, 1970, lastYear)
  const daysOf = dayField === '?' ? parseWeekdays(weekdayField) : parseDaysOfMonth(dayField)

  return (after) => {
    const from = localTimeAt(after, timeZone)
    for (const year of years.filter((value) => value >= from.year)) {
      for (const month of months) {
        if (year === from.year && month < from.month) continue
        for (const day of daysOf(year, month)) {
          if (year === from.year && month === from.month && day < from.day) continue
          for (const hour of hours) {
            for (const minute of minutes) {
              const instant = instantOf({ year, month, day, hour, minute, second: 0 }, timeZone)
              if (instant !== undefined && instant > after) return instant
            }
          }
        }
      }
    }
    return undefined
  }
}

/** The ascending values that a field stands for. */
const parseSet = (
  field: string,
  min: number,
  max: number,
  names: readonly string[] = [],
): readonly number[] => {
  const value = (text: string): number => {
    const named = names.indexOf(text.toUpperCase())
    const number = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= min && number <= max)) throw new Error(`${text} is not between ${min} and ${max}`)
    return number
  }
  const values = field.split(',').flatMap((part) => {
    const [range = '', step] = part.split('/')
    const [first = '', last] = range.split('-')
    const from = first === '*' ? min : value(first)
    const to = last !== undefined ? value(last) : first === '*' || step !== undefined ? max : from
    const by = step === undefined ? 1 : Number(step)
    if (!Number.isInteger(by) || by < 1 || to < from) throw new Error(`${part} is no range`)
    return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by)
  })
  return [...new Set(values)].sort((a, b) => a - b)
}

type DaysOf = (year: number, month: number) => readonly number[]

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()
/** 1 is Sunday. */
const weekdayOf = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1

/** `L` is the last day, `15W` the weekday nearest to the 15th in the same month, `LW` the last weekday. */
const parseDaysOfMonth = (field: string): DaysOf => {
  if (field === 'L') return (year, month) => [daysIn(year, month)]
  const nearest = /^(\d+|L)W$/.exec(field)?.[1]
  if (nearest !== undefined) {
    if (nearest !== 'L') parseSet(nearest, 1, 31)
    return (year, month) => {
      const last = daysIn(year, month)
      const day = nearest === 'L' ? last : Number(nearest)
      return day > last ? [] : [nearestWeekday(year, month, day, last)]
    }
  }
  const days = parseSet(field, 1, 31)
  return (year, month) => days.filter((day) => day <= daysIn(year, month))
}

const nearestWeekday = (year: number, month: number, day: number, last: number): number => {
  const weekday = weekdayOf(year, month, day)
  if (weekday === 7) return day === 1 ? 3 : day - 1
  if (weekday === 1) return day === last ? day - 2 : day + 1
  return day
}

/** `6L` is the last Friday, `3#2` the second Tuesday. */
const parseWeekdays = (field: string): DaysOf => {
  const days = (year: number, month: number, weekdays: readonly number[]) =>
    Array.from({ length: daysIn(year, month) }, (_, index) => index + 1).filter((day) =>
      weekdays.includes(weekdayOf(year, month, day)),
    )
  const [, lastOf] = /^(\w+)L$/.exec(field) ?? []
  if (lastOf !== undefined) {
    const weekdays = parseSet(lastOf, 1, 7, dayNames)
    return (year, month) => days(year, month, weekdays).slice(-1)
  }
  const [, nthOf, nth] = /^(\w+)#([1-5])$/.exec(field) ?? []
  if (nthOf !== undefined) {
    const weekdays = parseSet(nthOf, 1, 7, dayNames)
    return (year, month) => days(year, month, weekdays).slice(Number(nth) - 1, Number(nth))
  }
  const weekdays = field === 'L' ? [7] : parseSet(field, 1, 7, dayNames)
  return (year, month) => days(year, month, weekdays)
}
