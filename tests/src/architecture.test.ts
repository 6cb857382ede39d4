import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const sourcesOf = (folder: string) =>
  globSync(`${folder}/src/**/*.{ts,cjs,mjs}`, { cwd: root }).map((file) => ({ file, text: read(file) }))
const production = (folder: string) =>
  sourcesOf(folder).filter(({ file }) => !/\.test\.ts$|-contract\.ts$/.test(file))

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}
const manifest = (folder: string): Manifest => JSON.parse(read(`${folder}/package.json`))
const dependencies = (folder: string) => Object.keys(manifest(folder).dependencies ?? {})
const ours = (names: readonly string[]) => names.filter((name) => name.startsWith('@stockroom/')).toSorted()
const apps = globSync('apps/*', { cwd: root })

describe('the dependency rule', () => {
  it('keeps domain and outbox on the schema library alone', () => {
    expect(dependencies('packages/domain')).toEqual(['zod'])
    expect(dependencies('packages/outbox')).toEqual(['zod'])
  })

  it('lets adapters know domain and outbox, and lambda neither adapters nor apps', () => {
    expect(ours(dependencies('packages/adapters'))).toEqual(['@stockroom/domain', '@stockroom/outbox'])
    expect(ours(dependencies('packages/lambda'))).toEqual([])
  })

  it.each(apps)('%s depends on packages only, and never on the local cloud or the operators', (app) => {
    const allowed = ['adapters', 'domain', 'lambda', 'outbox'].map((name) => `@stockroom/${name}`)
    expect(ours(dependencies(app)).filter((name) => !allowed.includes(name))).toEqual([])
  })

  it('keeps the local cloud free of the shop: it could run any template', () => {
    const { dependencies = {}, devDependencies = {} } = manifest('packages/local-cloud')
    expect(ours([...Object.keys(dependencies), ...Object.keys(devDependencies)])).toEqual([])
    const shop = /\b(merchant|sku|stockroom|invoice|webhook)s?\b/i
    expect(
      production('packages/local-cloud')
        .filter(({ text }) => shop.test(text.replaceAll('infra/cdk.out', '')))
        .map(({ file }) => file),
    ).toEqual([])
  })

  it('lets infra point at build outputs and import no code of ours', () => {
    expect(ours(dependencies('infra'))).toEqual([])
    for (const { file, text } of production('infra'))
      expect(text, file).not.toMatch(/from '(@stockroom|\.\.\/\.\.)/)
  })

  it('has no import that leaves its package by a relative path', () => {
    for (const folder of [...apps, ...globSync('packages/*', { cwd: root }), 'infra', 'tests'])
      for (const { file, text } of sourcesOf(folder)) {
        const depth = file.slice(folder.length + 1).split('/').length - 1
        for (const [, path = ''] of text.matchAll(/from '((?:\.\.\/)+)/g))
          expect(path.split('/').length - 1, `${file} imports ${path}`).toBeLessThan(depth + 1)
      }
  })
})

describe('the domain', () => {
  it('has no clock, randomness, environment, logger or node module of its own', () => {
    const impure = /\bDate\.now\(|new Date\(\)|Math\.random|process\.|console\.|from 'node:|crypto\./
    const offenders = production('packages/domain').filter(({ text }) =>
      impure.test(text.replaceAll(/\/\*\*[\s\S]*?\*\//g, '')),
    )
    expect(offenders.map(({ file }) => file)).toEqual([])
  })
})

describe('the house style', () => {
  it('has no folder that could hold anything', () => {
    const vague = /\/(shared|utils|common|helpers|types|dto)\//
    const files = ['packages/*', 'apps/*', 'infra'].flatMap((glob) =>
      globSync(`${glob}/src/**/*.ts`, { cwd: root }),
    )
    expect(files.filter((file) => vague.test(file))).toEqual([])
  })

  it('keeps every handler a short composition over one use case', () => {
    for (const file of globSync('apps/*/src/*.handler.ts', { cwd: root })) {
      const lines = read(file).split('\n').length
      expect(lines, `${basename(file)} has ${lines} lines`).toBeLessThanOrEqual(80)
    }
  })

  it('keeps the README at most 200 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(201)
  })
})
