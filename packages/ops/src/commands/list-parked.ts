import { type Survey, survey } from '../dlq/survey.ts'
import { table } from '../terminal/table.ts'
import { openParking } from './open-parking.ts'

/** Letters that are read of each destination to find the oldest. */
const readLimit = 1_000

/** Lists every place where something may be parked. Returns the exit code: 1 when anything is. */
export const listParked = async ({
  outputs,
  json,
}: {
  readonly outputs?: string
  readonly json: boolean
}): Promise<number> => {
  const { destinations } = openParking(outputs)
  const surveys = await Promise.all(destinations.map((destination) => survey(destination, readLimit)))
  process.stdout.write(`${json ? asJson(surveys) : asTable(surveys)}\n`)
  return surveys.some(({ count }) => count.waiting + count.hidden > 0) ? 1 : 0
}

const asJson = (surveys: readonly Survey[]): string =>
  JSON.stringify(
    surveys.map(({ name, count, letters, oldest }) => ({
      destination: name,
      ...count,
      oldest: oldest?.toISOString() ?? null,
      ageSeconds: oldest === undefined ? null : Math.round((Date.now() - oldest.getTime()) / 1_000),
      read: letters.length,
    })),
    null,
    2,
  )

const asTable = (surveys: readonly Survey[]): string => {
  const parked = surveys.reduce((sum, { count }) => sum + count.waiting + count.hidden, 0)
  return [
    table(
      ['destination', 'waiting', 'hidden', 'oldest sent', 'age'],
      surveys.map(({ name, count, letters, oldest }) => [
        name,
        count.waiting,
        count.hidden,
        oldest === undefined ? '' : oldest.toISOString().slice(0, 19),
        oldest === undefined
          ? ''
          : `${letters.length < count.waiting ? 'at least ' : ''}${age(Date.now() - oldest.getTime())}`,
      ]),
    ),
    '',
    parked === 0 ? 'Nothing is parked.' : `${parked} parked. Look: dlq show <destination>`,
  ].join('\n')
}

/** `3 d 4 h`, `12 min`. */
const age = (milliseconds: number): string => {
  const minutes = Math.floor(milliseconds / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}
