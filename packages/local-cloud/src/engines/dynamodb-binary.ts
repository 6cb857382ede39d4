import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

const resolvePackage = createRequire(import.meta.url).resolve

/**
 * The path of the engine's native binary: from the optional package of this platform, else `dynoxide` on PATH.
 * Undefined when there is neither.
 */
export const findDynamoDbBinary = (): string | undefined => fromPackage() ?? fromPath()

const fromPackage = (): string | undefined => {
  try {
    return resolvePackage(`@dynoxide/${process.platform}-${process.arch}/dynoxide`)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

const fromPath = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, 'dynoxide'))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
