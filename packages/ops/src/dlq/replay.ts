import type { DeadLetter } from './dead-letter.ts'
import type { Destination } from './destination.ts'
import { type Selection, selects } from './selection.ts'

export interface ReplayOptions {
  readonly selection?: Selection
  /** Reads and sends nothing. */
  readonly dryRun?: boolean
  /** Letters a second, at most. */
  readonly rate?: number | undefined
  /** Waits for so many milliseconds. */
  pause(milliseconds: number): Promise<void>
  /** After each letter that is done with. */
  readonly onLetter?: (letter: DeadLetter) => void
}

/** What one run did to one destination. */
export interface Replayed {
  /** Brought home; in a dry run: would be. */
  readonly sent: readonly DeadLetter[]
  readonly kept: readonly { readonly letter: DeadLetter; readonly reason: string }[]
  /** Not meant by the selection. */
  readonly passedOver: number
  /** Marks of letters that were brought home and lay here again before the run had ended. */
  readonly returned: ReadonlySet<string>
  /** Marks under which letters would come back later. */
  readonly sentAs: ReadonlySet<string>
}

/**
 * Brings letters home one by one, in the order of their groups: first sent, then removed, so that a run which is killed anywhere loses nothing; the next
 * run sends at most one letter again, and everything here may be sent twice. A letter that comes back during the run is left, so that a run ends.
 * Throws what a service refuses; what was not sent by then is where it was.
 */
export const replay = async (destination: Destination, options: ReplayOptions): Promise<Replayed> => {
  const { selection = {}, dryRun = false, rate, pause, onLetter } = options
  const sent: DeadLetter[] = []
  const kept: { letter: DeadLetter; reason: string }[] = []
  const sentAs = new Set<string>()
  const returned = new Set<string>()
  let passedOver = 0
  const held = new Set<DeadLetter>()
  try {
    for await (const batch of destination.letters()) {
      for (const letter of batch) held.add(letter)
      for (const letter of batch) {
        if (sentAs.has(destination.markOf(letter))) {
          returned.add(destination.markOf(letter))
          continue
        }
        if (!selects(selection, letter)) {
          passedOver += 1
          continue
        }
        if (dryRun) {
          sent.push(letter)
          continue
        }
        const homecoming = await destination.bringHome(letter)
        if (homecoming.outcome === 'stays') {
          kept.push({ letter, reason: homecoming.reason })
          continue
        }
        if (homecoming.as !== undefined) sentAs.add(homecoming.as)
        await destination.remove(letter)
        held.delete(letter)
        sent.push(letter)
        onLetter?.(letter)
        if (rate !== undefined) await pause(1_000 / rate)
      }
    }
  } finally {
    await destination.release([...held])
  }
  return { sent, kept, passedOver, returned, sentAs }
}
