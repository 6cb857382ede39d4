import { hostname, userInfo } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { drop } from '../dlq/drop.ts'
import { selects } from '../dlq/selection.ts'
import { survey } from '../dlq/survey.ts'
import { chosen, openParking } from './open-parking.ts'

export interface DropLettersOptions {
  readonly outputs?: string
  readonly reason: string
  readonly id?: readonly string[]
  readonly all: boolean
  readonly yes: boolean
}

/** Gives letters up, after asking. Returns the exit code: 1 when nothing was dropped. */
export const dropLetters = async (name: string, options: DropLettersOptions): Promise<number> => {
  const { outputs, reason, id: ids, all, yes } = options
  if (all === (ids !== undefined)) throw new Error('say which letters: --id <id...>, or --all')
  if (reason.trim() === '') throw new Error('--reason is empty: say why nobody needs these letters')
  const { destinations, archive } = openParking(outputs)
  const say = (text: string) => process.stdout.write(`${text}\n`)
  let dropped = 0
  for (const destination of chosen(destinations, name)) {
    const { letters, count } = await survey(destination, Number.POSITIVE_INFINITY)
    // Behind the first of a FIFO group letters are counted and not seen yet.
    const there = Math.max(count.waiting, letters.length)
    const meant = all ? there : letters.filter((letter) => selects({ ids }, letter)).length
    if (meant === 0) {
      say(`${name}: no such letter to be seen`)
      continue
    }
    say(`${name}: ${meant} of ${there} letters will be archived under dropped/${name}/ and removed`)
    if (!yes && !(await agreed())) return 1
    const by = `${userInfo().username}@${hostname()}`
    const gone = await drop(destination, archive, {
      selection: { ids },
      reason,
      by,
      now: () => new Date(),
    })
    say(`${name}: ${gone.length} dropped`)
    dropped += gone.length
  }
  return dropped > 0 ? 0 : 1
}

const agreed = async (): Promise<boolean> => {
  if (!process.stdin.isTTY) throw new Error('nobody can be asked here: add --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test(await terminal.question('Drop them? [y/N] '))
  } finally {
    terminal.close()
  }
}
