import * as z from 'zod/mini'
import { audit, isClean } from '../audit/audit.ts'
import type { Check } from '../audit/check.ts'
import { printAudit } from '../audit/print-audit.ts'
import { readFacts } from '../audit/read-facts.ts'
import { settle } from '../audit/settle.ts'
import { generateShop } from '../demo/generate-shop.ts'
import { runDemo } from '../demo/run-demo.ts'
import { type LocalStage, startLocalStage } from '../local/local-stage.ts'
import { runReplay } from '../replay/run-replay.ts'
import { type Progress, terminalProgress } from '../terminal/progress.ts'

export interface StartOptions {
  /** Ends after the demo; the exit code says whether the books balance. */
  readonly once: boolean
  readonly seed: number
  /** Orders of each merchant in the demo. */
  readonly orders: number
  readonly port?: number
  readonly deskPort?: number
  /** A file of invoices to live over again instead of the demo. */
  readonly replay?: string
  readonly invoices?: number
  readonly rate?: number
}

/**
 * Starts the local cloud, runs the demo or a replay, audits, and stays up until Ctrl-C. Returns the exit code: 0 when the books balance, 1 when they do
 * not or the work failed, 130 when it was interrupted before.
 */
export const start = async (options: StartOptions): Promise<number> => {
  const progress = terminalProgress()
  const interrupted = untilInterrupted()
  let local: LocalStage | undefined
  try {
    await progress.step('local cloud', async (update) => {
      update("starting infra's template on this machine")
      local = await startLocalStage({
        turnAway: everyFiftieth,
        ...(options.port === undefined ? {} : { port: options.port }),
        ...(options.deskPort === undefined ? {} : { deskPort: options.deskPort }),
      })
      const { functions, queues, tables, buckets } = local.cloud.resources
      return `${functions.length} functions, ${queues.length} queues, ${tables.length} tables, ${buckets.length} buckets`
    })
    if (local === undefined) throw new Error('the local cloud did not start')
    const outcome = await Promise.race([
      work(local, options, progress),
      local.denied,
      local.cloud.failed,
      interrupted,
    ])
    if (outcome === 'interrupted') return 130
    process.stdout.write(`\n${printAudit(outcome)}\n`)
    const clean = isClean(outcome)
    if (options.once) return clean ? 0 : 1
    process.stdout.write(addresses(local))
    await Promise.race([interrupted, local.cloud.failed])
    return clean ? 0 : 1
  } catch (error) {
    process.stderr.write(`\nstockroom: ${error instanceof Error ? error.message : String(error)}\n`)
    for (const line of local === undefined ? [] : lastErrors(local)) process.stderr.write(`  ${line}\n`)
    return 1
  } finally {
    if (!options.once) progress.line('Stopping')
    await local?.close()
  }
}

/** The demo or replay, then the audit. Work that fails is audited as it stands: what broke shows in the books. */
const work = async (
  local: LocalStage,
  options: StartOptions,
  progress: Progress,
): Promise<readonly Check[]> => {
  const read = () => readFacts(local.access, local.stage)
  let stopped = false
  const expected = await asked(local, options, progress).catch((error: unknown): Check => {
    stopped = true
    return {
      promise: 'the work went through',
      counted: 'it stopped',
      breaches: [String(error), ...lastErrors(local)],
    }
  })
  let checks: readonly Check[] = []
  await progress.step('audit', async (update) => {
    const facts = stopped ? await read() : await settle(read, update)
    checks = [...audit(facts, local.receiver.inboxes()), expected]
    const turnedAway = [...local.receiver.inboxes().values()].reduce(
      (sum, inbox) => sum + inbox.turnedAway,
      0,
    )
    return stopped
      ? 'read as it stands'
      : `everything has arrived; ${turnedAway} webhooks were turned away on purpose and sent again`
  })
  return checks
}

const asked = (local: LocalStage, options: StartOptions, progress: Progress): Promise<Check> => {
  const { replay, invoices, rate } = options
  if (replay === undefined) return runDemo(local.target, generateShop(options.seed, options.orders), progress)
  const limits = { ...(invoices === undefined ? {} : { invoices }), ...(rate === undefined ? {} : { rate }) }
  return runReplay(local.target, { file: replay, ...limits }, progress)
}

/** About one event in fifty is turned away once: retries are part of the picture. */
const everyFiftieth = (eventId: string, times: number): boolean =>
  times === 0 && [...eventId].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 50 === 0

const untilInterrupted = (): Promise<'interrupted'> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve('interrupted'))
  })

const addresses = ({ stage, desk, logDirectory }: LocalStage): string =>
  [
    '',
    `API        ${stage.ApiUrl}`,
    `API page   ${desk.url}/docs/`,
    `Token      npm run -s stockroom -- token --merchant acme`,
    `Audit      npm run -s stockroom -- audit`,
    `Clock      npm run -s stockroom -- clock expire-orders`,
    `Logs       ${logDirectory}/all.log`,
    '',
    'Running on this machine until Ctrl-C.',
    '',
  ].join('\n')

/** The newest errors that functions logged: what failed is rarely what is seen first. */
const lastErrors = ({ cloud }: LocalStage): readonly string[] =>
  cloud.logs
    .tail()
    .flatMap(({ functionName, text }) => {
      const line = ErrorLine.safeParse(parsed(text))
      if (!line.success) return []
      const { message, error } = line.data
      const cause = error === undefined ? '' : `: ${error.name}: ${error.message.replaceAll(/\s+/g, ' ')}`
      return [`${functionName}: ${message}${cause}`]
    })
    .slice(-3)

const ErrorLine = z.object({
  level: z.literal('ERROR'),
  message: z.string(),
  error: z.optional(z.object({ name: z.string(), message: z.string() })),
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // Lambda's own lines (START, REPORT) are no JSON.
    return undefined
  }
}
