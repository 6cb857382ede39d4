import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod/mini'

/** What other commands need to know of a local stage that runs: where everything answers. */
export const RunningStage = z.object({
  pid: z.int(),
  outputs: z.record(z.string(), z.string()),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  endpoints: z.object({ dynamodb: z.url(), sqs: z.url(), s3: z.url(), lambda: z.url() }),
  /** Tokens, inboxes, schedules, the API's page. */
  desk: z.url(),
  logDirectory: z.string(),
})
export type RunningStage = z.infer<typeof RunningStage>

/** In the repository's own state directory, for it is the repository that runs. */
const file = join(import.meta.dirname, '../../../../.stockroom/running.json')

/** Announces a stage; returns how to take that back, which leaves a newer one's announcement alone. */
export const announce = (stage: RunningStage): (() => void) => {
  mkdirSync(dirname(file), { recursive: true })
  // Readable by its owner alone: whoever reads it can act as operator.
  writeFileSync(file, JSON.stringify(stage, null, 2), { mode: 0o600 })
  return () => {
    if (read()?.pid === stage.pid) rmSync(file, { force: true })
  }
}

/** The stage that runs on this machine. @throws Error that says how to start one. */
export const runningStage = (): RunningStage => {
  const stage = read()
  if (stage === undefined || !isAlive(stage.pid))
    throw new Error('no local stage is running: start one with "npm start"')
  return stage
}

const read = (): RunningStage | undefined => {
  try {
    return RunningStage.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether a process of this id runs. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
