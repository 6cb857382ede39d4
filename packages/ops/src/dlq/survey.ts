import type { DeadLetter } from './dead-letter.ts'
import type { Destination, LetterCount } from './destination.ts'

/** What lies in a destination: all of it by count, up to a limit letter by letter. */
export interface Survey {
  readonly name: string
  readonly count: LetterCount
  readonly letters: readonly DeadLetter[]
  /** Of those that were read. */
  readonly oldest: Date | undefined
}

/** Reads without consuming: letters are received, looked at and shown again at once. Behind the first of a FIFO group SQS shows only what comes in the same batch. */
export const survey = async (destination: Destination, limit: number): Promise<Survey> => {
  const count = await destination.count()
  const letters: DeadLetter[] = []
  try {
    if (count.waiting > 0)
      for await (const batch of destination.letters()) {
        letters.push(...batch)
        if (letters.length >= limit) break
      }
  } finally {
    await destination.release(letters)
  }
  const oldest = letters.reduce(
    (earliest, { sentAt }) => Math.min(earliest, sentAt.getTime()),
    Number.POSITIVE_INFINITY,
  )
  return {
    name: destination.name,
    count,
    letters: letters.slice(0, limit),
    oldest: Number.isFinite(oldest) ? new Date(oldest) : undefined,
  }
}
