#!/usr/bin/env node
import { readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { bundleFunction } from './bundle-function.ts'

/** Run in an app's folder by its `build` script: src/<name>.handler.ts becomes dist/<name>/index.js. */
const suffix = '.handler.ts'
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KB`

try {
  const names = (await readdir('src'))
    .filter((file) => file.endsWith(suffix))
    .map((file) => basename(file, suffix))
  if (names.length === 0) throw new Error(`no src/*${suffix} in ${process.cwd()}`)
  await rm('dist', { recursive: true, force: true })
  for (const name of names.sort()) {
    const { initialBytes, lazyBytes } = await bundleFunction(`src/${name}${suffix}`, join('dist', name))
    console.log(`${name} ${kilobytes(initialBytes)}, on demand ${kilobytes(lazyBytes)}`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
