import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleFunction } from './bundle-function.ts'

let app: string
beforeEach(async () => {
  app = await mkdtemp(join(tmpdir(), 'bundle-'))
})
afterEach(() => rm(app, { recursive: true }))

const given = async (files: Record<string, string>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(app, path)), { recursive: true })
    await writeFile(join(app, path), text)
  }
}
const bundle = () => bundleFunction(join(app, 'src/greet.handler.ts'), join(app, 'dist/greet'))
const files = async () => (await readdir(join(app, 'dist/greet'))).sort()
const read = (file: string) => readFile(join(app, 'dist/greet', file), 'utf8')
const handled = (): Promise<unknown> =>
  createRequire(import.meta.url)(join(app, 'dist/greet/index.js')).handler()
const command = () =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'bundle-functions.ts')], { cwd: app })

test('makes CommonJS with its maps, loadable below a package.json that says module', async () => {
  await given({
    'package.json': '{"type":"module"}',
    'src/name.ts': "export const name: string = 'shop'",
    'src/greet.handler.ts':
      "import { name } from './name.ts'\nexport const handler = async () => 'hello ' + name",
  })
  await bundle()
  expect(await files()).toEqual(['index.js', 'main.js', 'main.js.map', 'package.json'])
  expect(await read('main.js')).toContain('//# sourceMappingURL=main.js.map')
  expect(await handled()).toBe('hello shop')
})

test('loads what is behind import() when it is asked for, and not before', async () => {
  await given({
    'src/seldom.ts':
      "import { hostname } from 'node:os'\nexport const seldom = () => 'seldom ' + typeof hostname()",
    'src/name.ts': "export const name: string = 'shop'",
    'src/greet.handler.ts':
      "import { name } from './name.ts'\nexport const handler = async () => name + (await import('./seldom.ts')).seldom()",
  })
  const { initialBytes, lazyBytes } = await bundle()
  expect((await read('index.js')) + (await read('main.js'))).not.toContain('node:os')
  expect(await read('seldom.js')).toContain('node:os')
  expect(initialBytes).toBe(((await read('index.js')) + (await read('main.js'))).length)
  expect(lazyBytes).toBe((await read('seldom.js')).length)
  expect(await handled()).toBe('shopseldom string')
})

test('gives the same bytes for the same source', async () => {
  await given({ 'src/greet.handler.ts': "export const handler = async () => import('node:os')" })
  const all = async () => Promise.all((await files()).map(read))
  await bundle()
  const first = await all()
  await bundle()
  expect(await all()).toEqual(first)
})

test('writes ASCII, so that V8 reads the file in single bytes', async () => {
  await given({ 'src/greet.handler.ts': "export const handler = async () => 'grüß 😀'" })
  await bundle()
  expect(await read('index.js')).toMatch(/^[\x20-\x7e\s]+$/)
  expect(await handled()).toBe('grüß 😀')
})

test('takes the ES modules of a package without exports', async () => {
  await given({
    'node_modules/sdk/package.json': '{"main":"cjs.js","module":"es.js","sideEffects":false}',
    'node_modules/sdk/cjs.js': "exports.used = 'common'; exports.unused = 'ballast'",
    'node_modules/sdk/es.js': "export const used = 'modern'\nexport const unused = 'ballast'",
    'src/greet.handler.ts': "import { used } from 'sdk'\nexport const handler = async () => used",
  })
  await bundle()
  const code = (await read('index.js')) + (await read('main.js'))
  expect(code).toContain('modern')
  expect(code).not.toContain('ballast')
})

test('refuses zod with its locales and says what to import', async () => {
  await given({
    'node_modules/zod/package.json': '{"exports":"./v4/classic/index.js","type":"module"}',
    'node_modules/zod/v4/classic/index.js': 'export const string = () => globalThis.string',
    'src/greet.handler.ts': "import { string } from 'zod'\nexport const handler = async () => string()",
  })
  await expect(bundle()).rejects.toThrow(/greet\.handler\.ts: .*zod\/mini/)
})

test('names the handler whose import does not exist', async () => {
  await given({
    'src/greet.handler.ts': "import { x } from 'absent-package'\nexport const handler = async () => x",
  })
  await expect(bundle()).rejects.toThrow(/greet\.handler\.ts: [\s\S]*absent-package/)
})

test('names the handler that does not parse', async () => {
  await given({ 'src/greet.handler.ts': 'export const handler = (' })
  await expect(bundle()).rejects.toThrow(/greet\.handler\.ts: /)
})

test('the command bundles every handler of the folder, prints its size and clears what was there', async () => {
  await given({
    'dist/gone/index.js': '',
    'src/greet.handler.ts': 'export const handler = async () => 1',
    'src/part.handler.ts': 'export const handler = async () => 2',
  })
  const { stdout } = await command()
  expect(stdout).toBe('greet 0 KB, on demand 0 KB\npart 0 KB, on demand 0 KB\n')
  expect((await readdir(join(app, 'dist'))).sort()).toEqual(['greet', 'part'])
})

test('the command fails with one line when there is no handler', async () => {
  await given({ 'src/other.ts': '' })
  await expect(command()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^no src\/\*\.handler\.ts in .*\n$/),
  })
})
