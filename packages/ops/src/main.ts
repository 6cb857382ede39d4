import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import * as z from 'zod/mini'
import { askDesk } from './commands/ask-desk.ts'
import { addDlqCommand } from './commands/dlq-command.ts'
import { integer } from './commands/integer.ts'
import { readableFile } from './commands/readable-file.ts'
import { runAudit } from './commands/run-audit.ts'
import { start } from './commands/start.ts'
import { runningStage } from './local/running-stage.ts'
import { allScopes } from './local/scopes.ts'

/** The `stockroom` command: what an operator does with a stage. */
const port = integer(1, 65_535)

const program = new Command('stockroom')
  .description('Runs, watches and audits Stockroom.')
  .showHelpAfterError('(add --help for what there is)')

program
  .command('start')
  .description('start the local cloud, run the demo, audit, and stay up until Ctrl-C')
  .option('--once', 'end after the demo; exit code 0 only if the audit holds', false)
  .option('--seed <n>', 'which shop the demo generates', integer(0, 4_294_967_295), 1)
  .option('--orders <n>', 'orders of each merchant in the demo', integer(1, 100_000), 150)
  .option(
    '--replay <file>',
    "replay a retailer's invoices (.csv or .csv.gz) instead of the demo",
    readableFile,
  )
  .option('--invoices <n>', 'replay so many invoices', integer(1, 10_000_000))
  .option('--rate <n>', 'replay at most so many orders a second', integer(1, 100_000))
  .option('--port <n>', 'port of the API (default: a free one)', port)
  .option('--desk-port <n>', 'port of the desk with the API page (default: a free one)', port)
  .action(async (options) => {
    // Not by running dry: after Ctrl-C the demo's shoppers would go on asking an API that is gone.
    process.exit(await start(options))
  })

program
  .command('audit')
  .description('check every promise against what the running local stage has stored; exit code 1 on a breach')
  .option('--json', 'print the checks as JSON', false)
  .action(async (options: { json: boolean }) => {
    process.exitCode = await runAudit(options)
  })

program
  .command('token')
  .description('print an access token of the running local stage')
  .requiredOption('--merchant <id>', 'whose data it opens')
  .addOption(new Option('--scope <scope...>', 'what it allows (default: everything)').choices([...allScopes]))
  .action(async ({ merchant, scope }: { merchant: string; scope?: string[] }) => {
    const answer = await askDesk('/tokens', { merchant, ...(scope === undefined ? {} : { scopes: scope }) })
    process.stdout.write(`${z.parse(z.object({ token: z.string() }), answer).token}\n`)
  })

addDlqCommand(program)

const schedules = {
  'expire-orders': 'SchedulesExpireOrders',
  'sweep-outbox': 'SchedulesSweepOutbox',
  'report-sales': 'SchedulesReportSales',
}
program
  .command('clock')
  .description('run a scheduled job of the running local stage now')
  .argument('<job>', Object.keys(schedules).join(', '))
  .option(
    '--at <time>',
    'as if it had been due at this time (ISO 8601); report-sales reports the days before it',
  )
  .action(async (job: string, { at }: { at?: string }) => {
    const schedule = Object.entries(schedules).find(([name]) => name === job)?.[1]
    if (schedule === undefined)
      throw new Error(`no job "${job}": there are ${Object.keys(schedules).join(', ')}`)
    const scheduledAt = new Date(at ?? Date.now())
    if (Number.isNaN(scheduledAt.getTime()))
      throw new Error(`--at "${at}" is no time; write 2026-01-31T00:10:00Z`)
    await askDesk(`/schedules/${schedule}`, { scheduledAt: scheduledAt.toISOString() })
    process.stdout.write(`${job} ran, due at ${scheduledAt.toISOString()}\n`)
  })

program
  .command('logs')
  .description('print the log of all functions of the running local stage')
  .argument('[function]', 'one function, by its log file name', 'all')
  .action(async (name: string) => {
    await pipeline(createReadStream(join(runningStage().logDirectory, `${name}.log`)), process.stdout, {
      end: false,
    })
  })

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`stockroom: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
