import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod/mini'
import type { DeadLetter } from './dead-letter.ts'
import { parsedJson } from './message-subject.ts'
import { sequenceNumbersOf } from './stream-destination.ts'

const LoggedError = z.object({
  name: z.string(),
  code: z.optional(z.string()),
  message: z.string(),
})
const MessageFailed = z.object({ messageId: z.string(), error: LoggedError })
const NotPublished = z.object({
  failed: z.array(z.object({ sequenceNumber: z.string(), reason: z.string() })),
})

/** What a log line says failed and why: message ids or sequence numbers of records. */
const failuresIn = (line: string): readonly (readonly [string, string])[] => {
  const entry = parsedJson(line.slice(line.indexOf('{')))
  const message = MessageFailed.safeParse(entry)
  if (message.success) {
    const { messageId, error } = message.data
    return [[messageId, `${error.code ?? error.name}: ${error.message.replaceAll(/\s+/g, ' ')}`]]
  }
  const records = NotPublished.safeParse(entry)
  return records.success ? records.data.failed.map((one) => [one.sequenceNumber, one.reason]) : []
}

/** A letter's names in the logs. */
const namesOf = ({ id, body, receives }: DeadLetter): readonly string[] =>
  receives === undefined ? sequenceNumbersOf(body) : [id]

/** Why each letter failed last, by its id, from the log files of the local stage. A consumer that was killed or ran out of time logged nothing. */
export const loggedFailures = async (
  logDirectory: string,
  letters: readonly DeadLetter[],
): Promise<ReadonlyMap<string, string>> => {
  const lettersByName = new Map(letters.flatMap((letter) => namesOf(letter).map((name) => [name, letter.id])))
  const failures = new Map<string, string>()
  if (lettersByName.size === 0) return failures
  const lines = createInterface({ input: createReadStream(join(logDirectory, 'all.log')) })
  for await (const line of lines) {
    if (!line.includes('"level":"ERROR"')) continue
    for (const [name, reason] of failuresIn(line)) {
      const id = lettersByName.get(name)
      if (id !== undefined) failures.set(id, reason)
    }
  }
  return failures
}

/** The CloudWatch Logs Insights query that finds the same on AWS, to be run on the consumer's log group. */
export const insightsQuery = (letters: readonly DeadLetter[]): string => {
  const names = letters.flatMap(namesOf).map((name) => `@message like ${JSON.stringify(name)}`)
  return [
    'fields @timestamp, @log, message, error.name, error.message, @message',
    `| filter level = "ERROR" and (${names.join(' or ')})`,
    '| sort @timestamp desc',
  ].join('\n')
}
