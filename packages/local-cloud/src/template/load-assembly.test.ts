import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadAssembly } from './load-assembly.ts'
import { TemplateError } from './template-error.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'local-cloud-assembly-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const write = (file: string, content: object) => writeFileSync(join(directory, file), JSON.stringify(content))
const stack = (name: string, dependencies: string[] = []) => ({
  type: 'aws:cloudformation:stack',
  dependencies,
  properties: { templateFile: `${name}.template.json` },
})

it('puts stacks in the order of their dependencies and finds the directories of their assets', () => {
  write('manifest.json', {
    artifacts: {
      'Code.assets': { type: 'cdk:asset-manifest', properties: { file: 'Code.assets.json' } },
      Code: stack('Code', ['Data', 'Code.assets']),
      Data: stack('Data'),
      Tree: { type: 'cdk:tree' },
    },
  })
  write('Data.template.json', { Resources: { Things: { Type: 'AWS::DynamoDB::Table' } } })
  write('Code.template.json', { Description: 'code', Resources: {} })
  write('Code.assets.json', {
    files: {
      abc: { source: { path: 'asset.abc' }, destinations: { current: { objectKey: 'abc.zip' } } },
    },
    dockerImages: {},
  })

  const assembly = loadAssembly(directory)

  expect(assembly.stacks.map(({ name }) => name)).toEqual(['Data', 'Code'])
  expect(assembly.stacks[1]?.assets.get('abc.zip')).toBe(join(directory, 'asset.abc'))
})

it.each([
  ['a stack that depends on itself', { A: stack('A', ['B']), B: stack('B', ['A']) }, /A → B → A/],
  ['an artifact of an unknown type', { A: { type: 'cdk:cloud-assembly' } }, /cdk:cloud-assembly/],
  ['no stack', {}, /holds no stack/],
])('refuses an assembly with %s', (_, artifacts, message) => {
  write('manifest.json', { artifacts })

  expect(() => loadAssembly(directory)).toThrow(message)
})

it('refuses a section that it does not know', () => {
  write('manifest.json', { artifacts: { A: stack('A') } })
  write('A.template.json', { Transform: 'AWS::Serverless-2016-10-31', Resources: {} })

  expect(() => loadAssembly(directory)).toThrow(
    new TemplateError('A.template.json: section Transform is not known to the local cloud'),
  )
})

it('refuses container images', () => {
  write('manifest.json', {
    artifacts: {
      assets: { type: 'cdk:asset-manifest', properties: { file: 'a.json' } },
      A: stack('A', ['assets']),
    },
  })
  write('A.template.json', { Resources: {} })
  write('a.json', { dockerImages: { image: {} } })

  expect(() => loadAssembly(directory)).toThrow('container images')
})

it('says that an assembly must be synthesised first', () => {
  expect(() => loadAssembly(join(directory, 'cdk.out'))).toThrow('Synthesise the assembly first')
})
