import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { ExactRun } from './shrink.ts'
import type { SeedTask, WorkerAnswer, WorkerTask } from './worker-protocol.ts'

export interface SeedsOptions extends Omit<SeedTask, 'seed'> {
  readonly seeds: readonly number[]
  /** Default: as many processes as there are cores. */
  readonly processes?: number
  readonly onSeed?: (answer: WorkerAnswer) => void
}

/** Runs seeds in processes side by side until all are through or one breaks a rule; answers come in any order. @throws Error when a run crashes. */
export const runVirtualSeeds = async ({
  seeds,
  processes = availableParallelism(),
  onSeed,
  ...task
}: SeedsOptions): Promise<readonly WorkerAnswer[]> => {
  const waiting = seeds.values()
  const answers: WorkerAnswer[] = []
  let broken = false
  const workers = Array.from({ length: Math.min(processes, seeds.length) }, startWorker)
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (const seed of waiting) {
          const answer = await ask(worker, { ...task, seed })
          answers.push(answer)
          onSeed?.(answer)
          broken ||= answer.violations.length > 0
          if (broken) return
        }
      }),
    )
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
  }
  return answers
}

/** Runs what a violation left, exactly, with its history. */
export const runKept = async (kept: ExactRun): Promise<WorkerAnswer> => {
  const worker = startWorker()
  try {
    return await ask(worker, { kept })
  } finally {
    worker.kill('SIGKILL')
  }
}

const startWorker = (): ChildProcess =>
  fork(join(import.meta.dirname, 'worker.ts'), {
    // The command's own options are none of the worker's.
    execArgv: [],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      POWERTOOLS_METRICS_NAMESPACE: 'Stockroom',
      POWERTOOLS_SERVICE_NAME: 'simulation',
      POWERTOOLS_LOG_LEVEL: 'INFO',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })

type Message = { readonly answer: WorkerAnswer } | { readonly crash: string }

const ask = (worker: ChildProcess, task: WorkerTask): Promise<WorkerAnswer> =>
  new Promise((resolve, reject) => {
    const settle = (message: Message) => {
      worker.off('exit', exited)
      if ('answer' in message) resolve(message.answer)
      else reject(new Error(`${nameOf(task)} crashed: ${message.crash}`))
    }
    const exited = (code: number | null) => {
      worker.off('message', settle)
      reject(new Error(`the worker of ${nameOf(task)} ended with code ${code}`))
    }
    worker.once('message', settle)
    worker.once('exit', exited)
    worker.send(task)
  })

const nameOf = (task: WorkerTask): string => `seed ${'kept' in task ? task.kept.seed : task.seed}`
