import { createHash } from 'node:crypto'
import { makeFaultPlan } from '@stockroom/local-cloud/faults/fault-plan'
import { commandsOf, virtualScale } from '../command.ts'
import type { Verdict } from '../simulate.ts'
import { runVirtual } from './run-virtual.ts'
import { runExactly, shrink } from './shrink.ts'
import type { SeedTask, WorkerAnswer, WorkerTask } from './worker-protocol.ts'

/** A process that runs worlds one after another: told what to run by its parent, and gone with it. */
const runSeed = async ({
  seed,
  commands: length,
  rate,
  kinds,
  shrinkSeconds,
  keepLines,
}: SeedTask): Promise<WorkerAnswer> => {
  const faults = { rate, ...(kinds === undefined ? {} : { kinds }) }
  const plan = makeFaultPlan({ ...faults, seed })
  const commands = commandsOf(virtualScale, length, seed)
  const verdict = await runVirtual({ seed, commands, plan })
  const answer = answerOf(seed, verdict, keepLines)
  const [first] = verdict.violations
  if (first === undefined || shrinkSeconds === 0) return answer
  const found = { seed, commands, injected: verdict.injected }
  return { ...answer, shrunk: await shrink(found, first.rule, { seconds: shrinkSeconds, faults }) }
}

const answerOf = (
  seed: number,
  { violations, counts, lines }: Verdict,
  keepLines: boolean,
): WorkerAnswer => ({
  seed,
  violations,
  counts,
  digest: createHash('sha256').update(lines.join('\n')).digest('hex'),
  ...(keepLines ? { lines } : {}),
})

const run = async (task: WorkerTask): Promise<WorkerAnswer> =>
  'kept' in task ? answerOf(task.kept.seed, await runExactly(task.kept), true) : runSeed(task)

process.on('message', (task: WorkerTask) => {
  run(task).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ crash: error instanceof Error ? error.stack : String(error) }),
  )
})
process.on('disconnect', () => process.exit())
