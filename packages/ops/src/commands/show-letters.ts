import { insightsQuery, loggedFailures } from '../dlq/logged-failures.ts'
import { groupLetters, printLetters } from '../dlq/print-letters.ts'
import { printableBody } from '../dlq/printable.ts'
import { selects } from '../dlq/selection.ts'
import { survey } from '../dlq/survey.ts'
import { chosen, openParking } from './open-parking.ts'

export interface ShowOptions {
  readonly outputs?: string
  readonly id?: readonly string[]
  readonly limit: number
  readonly full: boolean
  readonly json: boolean
}

/** Shows letters, grouped by error and type. Returns the exit code: 0, or 1 when a letter that was asked for by its id is not to be seen. */
export const showLetters = async (name: string | undefined, options: ShowOptions): Promise<number> => {
  const { outputs, id: ids, limit, full, json } = options
  const { destinations, logDirectory } = openParking(outputs)
  const shown: object[] = []
  const texts: string[] = []
  const missing = new Set(ids)
  const surveys = await Promise.all(
    chosen(destinations, name).map(async (destination) => ({
      destination,
      seen: await survey(destination, ids === undefined ? limit : Number.POSITIVE_INFINITY),
    })),
  )
  for (const { destination, seen } of surveys) {
    const letters = seen.letters.filter((letter) => selects({ ids }, letter))
    if (letters.length === 0) continue
    for (const { id } of letters) missing.delete(id)
    const failures =
      logDirectory === undefined ? new Map<string, string>() : await loggedFailures(logDirectory, letters)
    const groups = groupLetters(letters, failures)
    for (const { type, error, letters: alike } of groups)
      for (const { id, subject, receives, sentAt, body } of alike)
        shown.push({
          destination: destination.name,
          id,
          type,
          error,
          merchants: subject.merchants,
          traceId: subject.traceId ?? null,
          correlationId: subject.correlationId ?? null,
          receives: receives ?? null,
          sentAt: sentAt.toISOString(),
          body: printableBody(body, full ? Number.POSITIVE_INFINITY : 240),
        })
    texts.push(printLetters(destination, { ...seen, letters }, groups, { full }))
    if (logDirectory === undefined && destination.failsIn.length > 0)
      texts.push(
        `Why they failed: CloudWatch Logs Insights on the log group of ${destination.failsIn.join(', ')}:\n${insightsQuery(letters)}`,
      )
  }
  const text = texts.length === 0 ? 'Nothing to show.' : texts.join('\n\n')
  process.stdout.write(`${json ? JSON.stringify(shown, null, 2) : text}\n`)
  if (missing.size > 0)
    process.stderr.write(
      `stockroom: not to be seen: ${[...missing].join(', ')} (gone, hidden, or behind others of its group)\n`,
    )
  return missing.size > 0 ? 1 : 0
}
