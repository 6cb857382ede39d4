import type { Command } from 'commander'
import { dropLetters } from './drop-letters.ts'
import { integer } from './integer.ts'
import { listParked } from './list-parked.ts'
import { readableFile } from './readable-file.ts'
import { replayLetters } from './replay-letters.ts'
import { showLetters } from './show-letters.ts'

/** Adds `stockroom dlq`: everything that was given up, and its way home. */
export const addDlqCommand = (program: Command): void => {
  const dlq = program.command('dlq').description('see, replay and drop what was given up')
  const verb = (name: string, description: string): Command =>
    dlq
      .command(name)
      .description(description)
      .option(
        '--outputs <file>',
        'of a stage on AWS, as "cdk deploy --outputs-file" wrote it (default: the local stage)',
        readableFile,
      )

  verb('ls', 'how much is parked where, and since when; exit code 1 when anything is')
    .option('--json', 'print as JSON', false)
    .action(async (options) => {
      process.exitCode = await listParked(options)
    })

  verb('show', 'letters by error and type, with payload and trace; shown again to others at once')
    .argument('[destination]', 'one of those that "dlq ls" lists (default: all)')
    .option('--id <id...>', 'these letters')
    .option('--limit <n>', 'so many of each destination', integer(1, 10_000), 20)
    .option('--full', 'do not cut payloads', false)
    .option('--json', 'print as JSON', false)
    .action(async (destination: string | undefined, options) => {
      process.exitCode = await showLetters(destination, options)
    })

  verb(
    'replay',
    'send letters home; safe to run twice, to interrupt and to run again; exit code 1 when any stays',
  )
    .argument('[destination]', 'one of those that "dlq ls" lists (default: all)')
    .option('--id <id...>', 'these letters')
    .option('--type <type...>', 'letters of these types')
    .option('--merchant <id...>', 'letters of these merchants')
    .option('--dry-run', 'only say what would be sent', false)
    .option('--rate <n>', 'at most so many a second', integer(1, 1_000))
    .option(
      '--wait <seconds>',
      'then wait for the queue to empty, and count what came back',
      integer(1, 86_400),
    )
    .action(async (destination: string | undefined, options) => {
      process.exitCode = await replayLetters(destination, options)
    })

  verb('drop', 'give letters up: archive them under dropped/ in the failures bucket, then remove them')
    .argument('<destination>', 'one of those that "dlq ls" lists')
    .requiredOption('--reason <text>', 'why; kept with the letter')
    .option('--id <id...>', 'these letters')
    .option('--all', 'every letter of the destination', false)
    .option('--yes', 'do not ask', false)
    .action(async (destination: string, options) => {
      process.exitCode = await dropLetters(destination, options)
    })
}
