// The two commands of the README, on a machine that has Node 20 or newer and npm and nothing else:
//   npm start   installs, builds, synthesises, and runs the demo on the local cloud (packages/ops takes over)
//   npm test    installs and runs every check
// Everything else runs on the Node 24 that the install brings, as Lambda does.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { locked } from './bootstrap-lock.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))
const binaries = join(root, 'node_modules', '.bin')
const stateDirectory = join(root, '.stockroom')
const stamp = join(root, 'node_modules', '.installed')
const read = (file) => readFileSync(join(root, file), 'utf8')

const fail = (line) => {
  process.stderr.write(`stockroom: ${line}\n`)
  process.exit(1)
}

/** Ctrl-C came while a step of the setup ran: the next step must not begin, even if that one ended well. */
let interrupted = false

/** Runs a command to its end and returns its exit code; Ctrl-C is the child's to handle, we only wait for it. */
const run = (command, args, env = process.env) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' })
    const pass = (signal) => child.kill(signal)
    // A terminal sends Ctrl-C to the whole group; a supervisor's SIGTERM comes to us alone.
    const wait = () => {
      interrupted = true
    }
    process.on('SIGINT', wait).on('SIGTERM', pass).on('SIGHUP', pass)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', pass).off('SIGHUP', pass)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })

/** Our own binaries first, so that `node` is the pinned Node 24 for every task. */
const environment = {
  ...process.env,
  PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
}

/** What the installed tree depends on, as a hash. */
const wanted = () =>
  createHash('sha256')
    .update(
      read('pnpm-lock.yaml') +
        read('pnpm-workspace.yaml') +
        read('package.json') +
        process.platform +
        process.arch,
    )
    .digest('hex')

const install = async () => {
  const hash = wanted()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  const { packageManager } = JSON.parse(read('package.json'))
  process.stderr.write(`Installing with ${packageManager} (the first time takes half a minute)\n`)
  const code = await run('npx', [
    '--yes',
    packageManager,
    'install',
    '--frozen-lockfile',
    '--reporter=append-only',
  ])
  if (code !== 0)
    fail(
      `the install failed with exit code ${code}; is the npm registry reachable? Run the same command again.`,
    )
  writeFileSync(stamp, hash)
}

/** The Node that runs everything: the one installed with the repository, or this one where it is new enough. */
const node24 = () => {
  const own = join(binaries, 'node')
  if (existsSync(own)) return own
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  return fail(
    `npm has no Node 24 for ${process.platform}-${process.arch}: install Node 24 or newer (https://nodejs.org) and run the same command again.`,
  )
}

// Two tasks at once: tests start whole engines, and a machine that is busy with ten of them proves only its own slowness.
const turbo = (...args) =>
  run('turbo', ['run', ...args, '--concurrency=2', '--log-order=grouped'], environment)

const [, , command, ...args] = process.argv
const major = Number(process.versions.node.split('.')[0])
if (major < 20)
  fail(`Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org).`)
if (process.platform === 'win32') fail('Windows is not supported; run it in WSL 2.')

mkdirSync(stateDirectory, { recursive: true })
const release = await locked(join(stateDirectory, 'setup.lock'))
await install()
const node = node24()

if (interrupted) process.exit(130)

if (command === 'start') {
  const code = await turbo('synth', '--output-logs=errors-only')
  release()
  if (interrupted) process.exit(130)
  process.exitCode =
    code === 0 ? await run(node, ['packages/ops/src/main.ts', 'start', ...args], environment) : code
} else if (command === 'test') {
  const code = await turbo('check', 'boundaries', 'typecheck', 'synth', 'test', '--continue', ...args)
  release()
  const total = await run(node, ['tests/src/print-totals.ts'], environment)
  process.exitCode = code || total
} else fail(`unknown command ${command}; use npm start or npm test`)
