import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'

/** Parses an option that is a file. npm runs scripts in the repository's folder and tells in INIT_CWD where its user stands. */
export const readableFile = (path: string): string => {
  const file = resolve(process.env.INIT_CWD ?? '.', path)
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file
  throw new InvalidArgumentError(`There is no file ${file}.`)
}
