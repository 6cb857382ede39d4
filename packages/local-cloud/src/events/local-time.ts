/** A wall clock reading: month 1 to 12, day 1 to 31. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone)
  if (known) return known
  const created = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, created)
  return created
}

/** What clocks in the IANA zone show at that instant (milliseconds since the epoch). Throws a RangeError for an unknown zone. */
export const localTimeAt = (instant: number, timeZone: string): LocalTime => {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  }
}

const asUtc = (time: LocalTime): number =>
  Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)

/**
 * The instant at which clocks in the zone show `time`: the first one when they show it twice (autumn), undefined when they
 * never do (spring).
 */
export const instantOf = (time: LocalTime, timeZone: string): number | undefined => {
  const wanted = asUtc(time)
  // Before and after any transition near `wanted`: one of the two offsets applies.
  const candidates = [-86_400_000, 86_400_000].map((shift) => {
    const probe = wanted + shift
    return wanted - (asUtc(localTimeAt(probe, timeZone)) - probe)
  })
  return candidates
    .filter((instant) => asUtc(localTimeAt(instant, timeZone)) === wanted)
    .sort((a, b) => a - b)[0]
}
