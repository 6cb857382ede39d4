import type { DeadLetter } from './dead-letter.ts'

/** What became of a letter: it is where it belongs, or it stays and why. */
export type Homecoming =
  | {
      readonly outcome: 'home'
      /** The mark under which it would come back. */
      readonly as?: string | undefined
    }
  | { readonly outcome: 'stays'; readonly reason: string }

/** How many letters lie in a place, by SQS's approximate figures. */
export interface LetterCount {
  readonly waiting: number
  /** Hidden: somebody else reads them, or did and was killed. They are back within two minutes. */
  readonly hidden: number
}

/** One place where what failed is parked, and the way home from there. */
export interface Destination {
  /** As the commands name it: `events`, `stream`. */
  readonly name: string
  /** Where its letters go, for people: `the queue Events`. */
  readonly home: string
  /** Who logs why a letter failed; empty where the letter says it itself. */
  readonly failsIn: readonly string[]
  count(): Promise<LetterCount>
  /**
   * Batches of at most ten until none is left, each letter once. MUST keep the order of a FIFO group and MUST hide what it hands out from other
   * readers, for two minutes or until it is released.
   */
  letters(): AsyncIterable<readonly DeadLetter[]>
  /** Shows letters to others again. MUST accept letters whose time has run out. */
  release(letters: readonly DeadLetter[]): Promise<void>
  /** By what a letter that came back is known again. */
  markOf(letter: DeadLetter): string
  /** MUST be safe to repeat: a run that is killed before `remove` does it again. */
  bringHome(letter: DeadLetter): Promise<Homecoming>
  /** Takes the letter out of this place, for good. */
  remove(letter: DeadLetter): Promise<void>
  /** Whether anything brought home is still on its way through the queue. */
  isWorking(): Promise<boolean>
}
