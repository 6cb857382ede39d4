import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'

/** A module that must not reach a function, and what to do instead. The milliseconds were measured as import time on a cold start. */
const refusedModules: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/zod\/v4\/(locales|classic)\//, "import * as z from 'zod/mini': zod with its locales costs 24 ms"],
  [/aws-xray-sdk-core/, 'pass the Cause on instead: this SDK costs 40 ms and slows each promise'],
]

/** What a function loads: at its cold start, and only when it is first asked for. */
export interface BundleSize {
  readonly initialBytes: number
  readonly lazyBytes: number
}

/**
 * Bundles one handler into `directory`: index.js with what it loads, their maps and a package.json. The same input gives the same bytes.
 * @throws Error that names the entry when it does not compile, imports something unknown or pulls in a refused module.
 */
export const bundleFunction = async (entry: string, directory: string): Promise<BundleSize> => {
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
      // CommonJS: an ES module's `import 'node:http'` would load all of undici at each cold start.
      format: 'cjs',
      // What is behind import(), most of it the SDK's ways to find credentials that Lambda does not need, stays in files of its own:
      // neither compiled nor able to load its builtins at a cold start (-20 % of the import's CPU). All else is one file.
      codeSplitting: { groups: [{ name: 'main', tags: ['$initial'] }] },
      chunkFileNames: '[name].js',
      minify: true,
      // One character outside ASCII makes V8 hold and scan the whole file in two bytes each: 20 % of its compile time.
      charset: 'ascii',
      comments: false,
      // Beside the code, for --enable-source-maps and debuggers; an inline map costs every cold start.
      sourcemap: true,
      sourcemapExcludeSources: true,
    })
    const chunks = output.filter((file) => file.type === 'chunk')
    for (const module of chunks.flatMap(({ moduleIds }) => moduleIds)) {
      const refused = refusedModules.find(([pattern]) => pattern.test(module))
      if (refused) throw new Error(`${module} is in the bundle; ${refused[1]}`)
    }
    // Wherever the folder is unpacked, below whichever package.json: its files stay CommonJS.
    await writeFile(join(directory, 'package.json'), '{"type":"commonjs"}\n')

    const [index] = output
    const initial = [index.fileName, ...index.imports]
    return {
      initialBytes: bytesOf(chunks.filter(({ fileName }) => initial.includes(fileName))),
      lazyBytes: bytesOf(chunks.filter(({ fileName }) => !initial.includes(fileName))),
    }
  } catch (error) {
    throw new Error(`${entry}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

const bytesOf = (chunks: readonly OutputChunk[]): number =>
  chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0)
