import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Copies a function's bundle to where no other package.json decides whether its `index.js` is CommonJS: on Lambda
 * nothing stands above /var/task. Returns the copy. Throws when the bundle is no directory.
 */
export const stageBundle = async (bundle: string, stagingDirectory: string): Promise<string> => {
  if (!(await stat(bundle)).isDirectory())
    throw new Error(`the code of a function must be a directory: ${bundle}`)
  await rm(stagingDirectory, { recursive: true, force: true })
  await mkdir(stagingDirectory, { recursive: true })
  await writeFile(join(stagingDirectory, 'package.json'), '{}\n')
  const task = join(stagingDirectory, 'task')
  await cp(bundle, task, { recursive: true, preserveTimestamps: true })
  return task
}
