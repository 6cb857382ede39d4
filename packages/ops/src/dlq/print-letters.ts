import type { DeadLetter } from './dead-letter.ts'
import type { Destination } from './destination.ts'
import { printable, printableBody } from './printable.ts'
import type { Survey } from './survey.ts'

/** Letters that failed alike. */
export interface LetterGroup {
  readonly type: string
  readonly error: string
  readonly letters: readonly DeadLetter[]
}

const unknownError = 'no error is logged: killed, out of time, or given up by receives'

/** Groups letters by type and by the name of their error; the first one's message stands for all. The largest group comes first. */
export const groupLetters = (
  letters: readonly DeadLetter[],
  failures: ReadonlyMap<string, string>,
): readonly LetterGroup[] => {
  const errorOf = ({ id, subject }: DeadLetter) => failures.get(id) ?? subject.error ?? unknownError
  const groups = Map.groupBy(
    letters,
    (letter) => `${letter.subject.types.join(', ')} ${errorOf(letter).split(':', 1)[0]}`,
  )
  return [...groups.values()]
    .flatMap((alike) => {
      const [first] = alike
      return first === undefined
        ? []
        : [{ type: first.subject.types.join(', '), error: errorOf(first), letters: alike }]
    })
    .toSorted((a, b) => b.letters.length - a.letters.length)
}

const lineOf = ({ id, subject, receives, sentAt }: DeadLetter): string =>
  [
    id,
    ...subject.merchants,
    ...(receives === undefined ? [] : [`received ${receives} times`]),
    `sent ${sentAt.toISOString()}`,
    ...(subject.traceId === undefined ? [] : [`trace ${subject.traceId}`]),
    ...(subject.correlationId === undefined ? [] : [`correlation ${subject.correlationId}`]),
  ].join(' · ')

/** A destination's letters as text, group by group. */
export const printLetters = (
  { name, home }: Pick<Destination, 'name' | 'home'>,
  { count, letters }: Survey,
  groups: readonly LetterGroup[],
  { full }: { readonly full: boolean },
): string =>
  [
    `${name}: ${letters.length} of ${Math.max(count.waiting, letters.length)} shown; home is ${home}`,
    ...groups.flatMap((group) => [
      '',
      printable(`${group.letters.length} × ${group.type}: ${group.error}`),
      ...group.letters.flatMap((letter) => [
        `  ${printable(lineOf(letter))}`,
        `    ${printableBody(letter.body, full ? Number.POSITIVE_INFINITY : 240)}`,
      ]),
    ]),
  ].join('\n')
