import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type LogEntry, openLogStore } from './log-store.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'logs-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const entry = (text: string, functionName = 'greeter'): LogEntry => ({
  at: Date.parse('2026-01-01T00:00:00Z'),
  functionName,
  environmentId: 'environment-1',
  source: 'stdout',
  text,
})

it('keeps the newest entries in memory and all of them in files, over restarts', async () => {
  const first = openLogStore(directory, 2)
  for (const text of ['1', '2', '3', '4', '5']) first.write(entry(text))
  expect(first.tail().map(({ text }) => text)).toEqual(['4', '5'])
  await first.close()
  const second = openLogStore(directory)
  second.write(entry('6'))
  await second.close()
  expect(readFileSync(join(directory, 'greeter.log'), 'utf8')).toBe('1\n2\n3\n4\n5\n6\n')
})

it('starts each entry of the common file with its time and function, and indents what follows', async () => {
  const logs = openLogStore(directory)
  logs.write(entry('one\ntwo'))
  logs.write(entry('three', 'other'))
  expect(logs.tail('other').map(({ text }) => text)).toEqual(['three'])
  await logs.close()
  expect(readFileSync(join(directory, 'all.log'), 'utf8')).toBe(
    '2026-01-01T00:00:00.000Z greeter one\n\ttwo\n2026-01-01T00:00:00.000Z other three\n',
  )
})

it('tells subscribers until they leave', async () => {
  const logs = openLogStore(directory)
  const seen: string[] = []
  const leave = logs.subscribe(({ text }) => seen.push(text))
  logs.write(entry('1'))
  leave()
  logs.write(entry('2'))
  await logs.close()
  expect(seen).toEqual(['1'])
})
