import type { DeadLetter } from './dead-letter.ts'

/** Which letters are meant; an absent member means all. */
export interface Selection {
  readonly ids?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  readonly merchants?: readonly string[] | undefined
}

/** Whether a letter is meant. An object of the stream is meant as a whole when one of its records is. */
export const selects = ({ ids, types, merchants }: Selection, { id, subject }: DeadLetter): boolean =>
  (ids?.includes(id) ?? true) &&
  (types === undefined || subject.types.some((type) => types.includes(type))) &&
  (merchants === undefined || subject.merchants.some((merchant) => merchants.includes(merchant)))
