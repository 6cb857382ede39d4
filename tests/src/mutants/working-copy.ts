import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The names in a folder, none when it is not there. */
const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : [])

/**
 * A copy of the tree as it stands, uncommitted changes included, in which files may be changed: the packages of the repository refer to their copies,
 * everything else to what is installed and built.
 */
export const makeWorkingCopy = (root: string): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), 'stockroom-mutants-'))
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
  })
  const files = listed.split('\0').filter((file) => file !== '' && existsSync(join(root, file)))
  for (const file of files) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    cpSync(join(root, file), join(path, file))
  }

  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  const packages = files.flatMap((file) =>
    /^(?:(?:apps|packages)\/[^/]+|infra|tests)\/package\.json$/.test(file) ? [dirname(file)] : [],
  )
  for (const folder of packages) {
    for (const built of ['dist', 'cdk.out'])
      if (existsSync(join(root, folder, built)))
        cpSync(join(root, folder, built), join(path, folder, built), { recursive: true })
    const [installed, copied] = [join(root, folder, 'node_modules'), join(path, folder, 'node_modules')]
    for (const name of namesIn(installed)) {
      const members = name.startsWith('@')
        ? namesIn(join(installed, name)).map((member) => join(name, member))
        : [name]
      for (const member of members) {
        mkdirSync(dirname(join(copied, member)), { recursive: true })
        const target = realpathSync(join(installed, member))
        const own = packages.find((own) => target === join(root, own))
        symlinkSync(own === undefined ? target : join(path, own), join(copied, member))
      }
    }
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
