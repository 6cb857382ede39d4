import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

/** A module that must not reach a function, and what to do instead. Each was measured on cold starts (docs/performance.md). */
const refusedModules: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/zod\/v4\/(locales\/|classic\/)/, "import * as z from 'zod/mini': zod with its locales costs 24 ms"],
  [/aws-xray-sdk-core/, 'pass the Cause on instead: this SDK costs 40 ms and slows each promise'],
]

/**
 * Bundles one handler into `directory`: index.js, index.js.map and a package.json. The same input gives the same bytes.
 * @throws Error that names the entry when it does not compile, imports something unknown or pulls in a refused module.
 */
export const bundleFunction = async (
  entry: string,
  directory: string,
): Promise<{ readonly bytes: number }> => {
  try {
    await using bundle = await rolldown({
      input: { index: entry },
      platform: 'node',
      transform: { target: 'node24' },
      // Packages without `exports`, which the AWS SDK's are, have ES modules under `module`: they can be tree-shaken (-30 % bytes and time).
      resolve: { mainFields: ['module', 'main'] },
      // An import that is not found would otherwise stay in the bundle and fail on the first cold start.
      onLog: (level, log) => {
        if (level === 'warn') throw new Error(log.message)
      },
    })
    const { output } = await bundle.write({
      dir: directory,
      cleanDir: true,
      // CommonJS: a function keeps the laziness of `require`; as an ES module it would load all of undici with `node:http`.
      format: 'cjs',
      // One file: modules behind import() run when they are first asked for, but need no second read.
      codeSplitting: false,
      minify: true,
      comments: false,
      // Beside the code, for --enable-source-maps and debuggers; an inline map costs every cold start.
      sourcemap: true,
      sourcemapExcludeSources: true,
    })
    for (const module of output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))) {
      const refused = refusedModules.find(([pattern]) => pattern.test(module))
      if (refused) throw new Error(`${module} is in the bundle; ${refused[1]}`)
    }
    // Wherever the folder is unpacked, below whichever package.json: index.js stays CommonJS.
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'package.json'), '{"type":"commonjs"}\n')
    return { bytes: Buffer.byteLength(output[0].code) }
  } catch (error) {
    throw new Error(`${entry}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
