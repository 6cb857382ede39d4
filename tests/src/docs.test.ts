import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CountingIds } from '@stockroom/domain/counting-ids'
import { eventCatalogue } from '@stockroom/domain/events/catalogue'
import { attributesOf } from '@stockroom/domain/events/event'
import { ManualClock } from '@stockroom/domain/manual-clock'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const pages = ['*.md', 'docs/**/*.md', 'packages/*/*.md'].flatMap((pattern) =>
  globSync(pattern, { cwd: root, exclude: (name) => name === 'node_modules' }),
)

/** A heading as GitHub names it in an address. */
const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
const anchors = (markdown: string) =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
const withoutCode = (markdown: string) =>
  markdown.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')

describe('the documents', () => {
  it.each(pages)('%s has no link that leads nowhere', (page) => {
    const broken = [
      ...withoutCode(read(page)).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g),
    ]
      .map(([, path = '', anchor]) => ({ target: path === '' ? page : join(dirname(page), path), anchor }))
      .filter(
        ({ target, anchor }) =>
          !existsSync(join(root, target)) ||
          (anchor !== undefined && !anchors(read(target)).includes(anchor)),
      )
    expect(broken).toEqual([])
  })
})

const codeIn = (markdown: string) =>
  [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split('\n'))
/** The links to files in the lines that `line` matches, from the root. */
const linksIn = (page: string, line: RegExp) =>
  [...read(page).matchAll(line)].map(([, path = '']) => join(dirname(page), path))

describe('the README', () => {
  const commands = codeIn(read('README.md'))

  it('names scripts that the root package has', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')))
    const named = commands.flatMap((line) => /^npm (?:run )?(\S+)/.exec(line)?.[1] ?? [])
    expect(named.length).toBeGreaterThan(0)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  })

  const said = commands.flatMap((line) => {
    const [, verb, rest = ''] = /^(?:stockroom|npm(?= start --)) (\S+)([^#]*)/.exec(line) ?? []
    return verb === undefined ? [] : [{ verb, options: rest.match(/--\w[\w-]*/g) ?? [] }]
  })

  it.each([...Map.groupBy(said, ({ verb }) => verb)])('names a command that there is: %s', (verb, lines) => {
    const help = execFileSync(process.execPath, ['packages/ops/src/main.ts', verb, '--help'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(help).toContain(`Usage: stockroom ${verb}`)
    for (const option of lines.flatMap(({ options }) => options)) expect(help).toContain(option)
  })

  it('lists the routes of the API, all of them and no others', () => {
    const { paths } = z
      .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(JSON.parse(read('apps/api/dist/openapi.json')))
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const listed = [...read('README.md').matchAll(/`((?:GET|POST|DELETE) \/[^`]*)`/g)].map(
      ([, route]) => route,
    )
    expect([...new Set(listed)].toSorted()).toEqual(routes.toSorted())
  })
})

describe('the runbooks', () => {
  const pageOf = (name: string) => join('docs/runbooks', `${name}.md`)
  const outputs = globSync('infra/cdk.out/*.template.json', { cwd: root }).flatMap((file) =>
    Object.keys(
      z.object({ Outputs: z.record(z.string(), z.unknown()) }).parse(JSON.parse(read(file))).Outputs,
    ),
  )
  /** As the commands name them: `webhook-deliveries`. */
  const queues = outputs.flatMap((output) => {
    const name = /^(.+)DlqQueueUrl$/.exec(output)?.[1]
    return name === undefined ? [] : [name.replaceAll(/(?<=.)[A-Z]/g, '-$&').toLowerCase()]
  })
  const commands = globSync('docs/runbooks/*.md', { cwd: root }).flatMap((page) =>
    codeIn(read(page)).flatMap((line) => {
      const [command = ''] = /^stockroom [^#]*/.exec(line) ?? []
      const [, verb, ...rest] = command.trim().split(/ +/)
      if (verb === undefined) return []
      const [first = ''] = rest
      const path = verb === 'dlq' ? [verb, first] : [verb]
      return [{ page, line, path, words: rest.slice(path.length - 1) }]
    }),
  )

  it('have a page for each place where something may be parked, and say so in the list', () => {
    expect(queues.length).toBeGreaterThanOrEqual(6)
    const list = read(pageOf('README'))
    for (const name of [...queues.map((queue) => `${queue}-dlq`), 'stream-failures']) {
      expect(existsSync(join(root, pageOf(name))), name).toBe(true)
      expect(list).toContain(`](${name}.md)`)
    }
  })

  it.each([...Map.groupBy(commands, ({ path }) => path.join(' '))])(
    'name a command that there is: %s',
    (path, lines) => {
      const help = execFileSync(
        process.execPath,
        ['packages/ops/src/main.ts', ...path.split(' '), '--help'],
        { cwd: root, encoding: 'utf8' },
      )
      expect(help).toContain(`Usage: stockroom ${path}`)
      for (const { page, line, words } of lines) {
        for (const option of words.filter((word) => word.startsWith('--')))
          expect(help, `${page}: ${line}`).toContain(option)
        const [destination] = words
        if (path.startsWith('dlq ') && destination !== undefined && !destination.startsWith('-'))
          expect([...queues, 'stream'], `${page}: ${line}`).toContain(destination)
      }
    },
  )
})

describe('the order that is traced', () => {
  const stops = linksIn('docs/trace-an-order.md', /^### \d\. \[[^\]]*\]\(([^)]*)\)/gm)

  it('passes through the seven files of the README', () => {
    expect(stops).toHaveLength(7)
    expect(linksIn('README.md', /^\| [\w -]+ \| \[[^\]]*\]\(([^)]*)\) \|$/gm)).toEqual(stops)
  })

  it.each(stops.map((file, index) => ({ file, next: stops[index + 1] })))(
    'is told by $file where it goes next',
    ({ file, next }) => {
      const [, told = ''] = /\b(?:Next|Last) stop([\s\S]*?)\*\//.exec(read(file)) ?? []
      expect(told).toContain(next === undefined ? 'the subscriber' : basename(next))
    },
  )
})

describe('the catalogue of events', () => {
  const rows = new Map(
    [...read('docs/events.md').matchAll(/^\| `([\w.]+\.v\d+)` \|.*\| `(\{.*\})` \|$/gm)].map(
      ([, type = '', example = '']) => [type, example],
    ),
  )

  it('has a row in the documents for each event, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(eventCatalogue).toSorted())
  })

  it.each(Object.entries(eventCatalogue))('has an example of %s with all its members', (type, schema) => {
    const attributes = attributesOf(
      { ids: new CountingIds(), clock: new ManualClock() },
      { merchant: MerchantId.parse('acme'), subject: 'x', version: 1, cause: { correlationId: 'c' } },
    )
    const event = { ...attributes, type, data: JSON.parse(rows.get(type) ?? '{}') }
    const parsed = z.object({ data: z.record(z.string(), z.unknown()) }).parse(schema.parse(event))
    expect(parsed.data).toEqual(event.data)
    expect(Object.keys(event.data).toSorted()).toEqual(Object.keys(schema.shape.data.shape).toSorted())
  })
})
