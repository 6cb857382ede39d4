import { setTimeout as pause } from 'node:timers/promises'
import { countReturns } from '../dlq/count-returns.ts'
import { printable } from '../dlq/printable.ts'
import { type Replayed, replay } from '../dlq/replay.ts'
import { type Progress, terminalProgress } from '../terminal/progress.ts'
import { chosen, openParking } from './open-parking.ts'

export interface ReplayLettersOptions {
  readonly outputs?: string
  readonly id?: readonly string[]
  readonly type?: readonly string[]
  readonly merchant?: readonly string[]
  readonly dryRun: boolean
  readonly rate?: number
  readonly wait?: number
}

const shownReasons = 20

/** Sends letters home, destination by destination. Returns the exit code: 1 when any that was meant stayed or came back. */
export const replayLetters = async (
  name: string | undefined,
  options: ReplayLettersOptions,
  progress: Progress = terminalProgress(),
): Promise<number> => {
  const { destinations } = openParking(options.outputs)
  const { id: ids, type: types, merchant: merchants, dryRun, rate, wait } = options
  let left = 0
  for (const destination of chosen(destinations, name)) {
    await progress.step(destination.name, async (update) => {
      let done = 0
      const result = await replay(destination, {
        selection: { ids, types, merchants },
        dryRun,
        rate,
        pause,
        onLetter: () => update(`${++done} sent`),
      })
      const said = [summary(result, dryRun, destination.home)]
      const seen = result.sent.length + result.passedOver
      left += result.kept.length
      if (wait !== undefined && !dryRun && result.sentAs.size > 0) {
        update(`${result.sent.length} sent, waiting for the queue to empty`)
        const { back, settled } = await countReturns(destination, result, {
          seconds: wait,
          now: Date.now,
          pause,
        })
        left += back
        said.push(`${back} came back`, ...(settled ? [] : ['the queue is not empty yet']))
      } else if (result.returned.size > 0) {
        left += result.returned.size
        said.push(`${result.returned.size} came back already`)
      }
      const { waiting, hidden } = await destination.count()
      if (hidden > 0) said.push(`${hidden} hidden by another reader; run again in two minutes`)
      else if (!dryRun && waiting > 0) said.push(`${waiting} parked`)
      else if (waiting > seen) said.push(`${waiting - seen} behind others of their group`)
      for (const { letter, reason } of result.kept.slice(0, shownReasons))
        said.push(`\n    stays: ${printable(`${letter.id}: ${reason}`)}`)
      return said.join(', ').replaceAll(', \n', '\n')
    })
  }
  return left > 0 ? 1 : 0
}

const summary = ({ sent, kept, passedOver }: Replayed, dryRun: boolean, home: string): string =>
  [
    `${sent.length} ${dryRun ? 'would go' : 'sent'} to ${home}`,
    ...(kept.length > 0 ? [`${kept.length} stay`] : []),
    ...(passedOver > 0 ? [`${passedOver} not meant`] : []),
  ].join(', ')
