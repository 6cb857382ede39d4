import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Makes a data directory this process's own until the returned function is called or the process dies, whichever way: the
 * operating system gives a database's lock back. Throws when another process has it.
 */
export const claimDirectory = (directory: string): (() => void) => {
  mkdirSync(directory, { recursive: true })
  const lock = new DatabaseSync(join(directory, 'lock.sqlite'))
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new Error(`Another process uses the data directory ${directory}`, { cause })
  }
  return () => lock.close()
}
