import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { terminalProgress } from '@stockroom/ops/terminal/progress'
import { table } from '@stockroom/ops/terminal/table'
import { Command, InvalidArgumentError } from 'commander'
import { backlog } from './backlog.ts'
import type { Figure } from './figure.ts'
import { hotSku } from './hot-sku.ts'
import { oneKey } from './one-key.ts'
import { poison } from './poison.ts'
import { soak } from './soak.ts'
import { webhookLatency } from './webhook-latency.ts'

/** `npm run figures`: the promises in numbers, on this machine. */
const figures: readonly Figure[] = [hotSku, oneKey, webhookLatency, backlog, poison, soak]

const directory = join(import.meta.dirname, '../../../.stockroom/figures')

const measure = async (figure: Figure, scale: number): Promise<boolean> => {
  let holds = false
  await terminalProgress().step(figure.name, async (update) => {
    const { lines, raw } = await figure.measure({ scale, update })
    holds = lines.every(({ must }) => must?.holds ?? true)
    mkdirSync(directory, { recursive: true })
    const file = join(directory, `${figure.name}.json`)
    writeFileSync(file, `${JSON.stringify({ figure: figure.name, scale, lines, raw })}\n`)
    const rows = lines.map(({ what, value, must }) => [
      what,
      value,
      must === undefined ? '' : `${must.holds ? 'ok' : 'BROKEN'}, must be ${must.be}`,
    ])
    process.stdout.write(`\n${figure.about}\n\n${table(['', 'measured', ''], rows)}\n\n`)
    return `raw output in ${file}`
  })
  return holds
}

const names = figures.map(({ name }) => name)
await new Command('figures')
  .description('Measures what docs/reliability.md promises in numbers, on a local stage of its own.')
  .argument('[names...]', `${names.join(', ')} (default: all but soak)`)
  .option(
    '--scale <n>',
    'size, 1 as published; 0.1 to try it',
    (text: string) => {
      const scale = Number(text)
      if (scale > 0 && scale <= 10) return scale
      throw new InvalidArgumentError('Give a number above 0 and up to 10.')
    },
    1,
  )
  .action(async (wanted: readonly string[], { scale }: { scale: number }) => {
    const unknown = wanted.filter((name) => !names.includes(name))
    if (unknown.length > 0) throw new Error(`no figure ${unknown.join(', ')}: there are ${names.join(', ')}`)
    const chosen = figures.filter(({ name }) =>
      wanted.length === 0 ? name !== 'soak' : wanted.includes(name),
    )
    let all = true
    for (const figure of chosen) all = (await measure(figure, scale)) && all
    process.exitCode = all ? 0 : 1
  })
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`figures: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  })
