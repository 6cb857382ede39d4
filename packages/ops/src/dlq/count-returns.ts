import type { DeadLetter } from './dead-letter.ts'
import type { Destination } from './destination.ts'
import type { Replayed } from './replay.ts'

export interface WaitOptions {
  /** No longer than this many seconds. */
  readonly seconds: number
  now(): number
  pause(milliseconds: number): Promise<void>
}

/**
 * Waits until the working queue is empty, and counts which of the letters brought home lie in their dead-letter queue again. SQS tells nobody, so it
 * asks, every two seconds.
 */
export const countReturns = async (
  destination: Destination,
  { sentAs }: Pick<Replayed, 'sentAs'>,
  { seconds, now, pause }: WaitOptions,
): Promise<{ readonly back: number; readonly settled: boolean }> => {
  const deadline = now() + seconds * 1_000
  let working = await destination.isWorking()
  while (working && now() < deadline) {
    await pause(2_000)
    working = await destination.isWorking()
  }
  const held: DeadLetter[] = []
  try {
    for await (const batch of destination.letters()) held.push(...batch)
  } finally {
    await destination.release(held)
  }
  const back = new Set(held.map((letter) => destination.markOf(letter)).filter((mark) => sentAs.has(mark)))
  return { back: back.size, settled: !working }
}
