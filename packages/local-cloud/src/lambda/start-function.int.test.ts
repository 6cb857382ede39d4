import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { ManualClock } from '../manual-clock.ts'
import { type ChildGuard, startChildGuard } from './child-guard.ts'
import { accountConcurrency } from './concurrency.ts'
import type { FunctionConfig } from './function-config.ts'
import { type LogEntry, type LogStore, openLogStore } from './log-store.ts'
import { type FunctionDependencies, type FunctionRuntime, startFunction } from './start-function.ts'

let directory: string
let logs: LogStore
let guard: ChildGuard
let running: FunctionRuntime[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'functions-'))
  logs = openLogStore(join(directory, 'logs'))
  guard = startChildGuard()
  running = []
})

afterEach(async () => {
  await Promise.all(running.map((one) => one.close()))
  await guard.close()
  await logs.close()
  rmSync(directory, { recursive: true })
})

interface Given {
  readonly file?: string
  readonly config?: Partial<FunctionConfig>
  readonly deps?: Partial<FunctionDependencies>
}

/** A function whose bundle is one file with this source. */
const functionOf = async (source: string, { file = 'index.mjs', config, deps }: Given = {}) => {
  const bundle = mkdtempSync(join(directory, 'bundle-'))
  writeFileSync(join(bundle, file), source)
  const started = await startFunction(
    {
      name: 'greeter',
      arn: 'arn:aws:lambda:eu-west-1:000000000000:function:greeter',
      codeDirectory: bundle,
      handler: 'index.handler',
      environment: { GREETING: 'hello' },
      timeoutSeconds: 30,
      memoryMegabytes: 256,
      ...config,
    },
    {
      environment: localEnvironment,
      logs,
      guard,
      concurrency: accountConcurrency(10),
      stagingDirectory: join(directory, 'staging'),
      endpoints: { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' },
      credentialsFor: (id) => ({ accessKeyId: 'LOCALgreeter', secretAccessKey: 'secret', sessionToken: id }),
      ...deps,
    },
  )
  running.push(started)
  return started
}

const pidHandler = 'export const handler = async () => process.pid'
const texts = () => logs.tail().map((entry) => entry.text)
const report = () => texts().findLast((text) => text.startsWith('REPORT')) ?? ''

/** Resolves with the next entry whose text matches. */
const logged = (pattern: RegExp): Promise<LogEntry> =>
  new Promise((resolve) => {
    const unsubscribe = logs.subscribe((entry) => {
      if (!pattern.test(entry.text)) return
      unsubscribe()
      resolve(entry)
    })
  })

/** The first letter of what ps says: T is stopped, Z a zombie that waits for its parent; empty for none. */
const stateOf = (pid: number): string => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim().charAt(0)
}
const isAlive = (pid: number): boolean => !['', 'Z'].includes(stateOf(pid))

describe('an invocation', () => {
  it('returns what the handler returned', async () => {
    const echo = await functionOf('export const handler = async (event) => ({ got: event })')
    expect(await echo.invoke({ n: 1 })).toEqual({ outcome: 'succeeded', payload: { got: { n: 1 } } })
  })

  it('hands a thrown error over with its name', async () => {
    const failing = await functionOf('export const handler = async () => { throw new RangeError("too far") }')
    expect(await failing.invoke({})).toMatchObject({
      outcome: 'failed',
      errorType: 'RangeError',
      errorMessage: 'too far',
    })
  })

  it('passes the trace header to the runtime', async () => {
    const traced = await functionOf('export const handler = async () => process.env._X_AMZN_TRACE_ID')
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
    expect(await traced.invoke({}, { traceHeader: header })).toEqual({
      outcome: 'succeeded',
      payload: header,
    })
    expect(await traced.invoke({})).toEqual({
      outcome: 'succeeded',
      payload: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/),
    })
  })

  it('is refused when its event is larger than 6 MiB, and fails when its answer is', async () => {
    const big = await functionOf('export const handler = async ({ size }) => "x".repeat(size)')
    expect(await big.invoke('x'.repeat(6 * 1024 * 1024))).toMatchObject({
      outcome: 'failed',
      errorType: 'RequestTooLargeException',
    })
    expect(await big.invoke({ size: 6_291_555 })).toMatchObject({
      outcome: 'failed',
      errorType: 'Function.ResponseSizeTooLarge',
    })
    expect(await big.invoke({ size: 6_291_000 })).toMatchObject({ outcome: 'succeeded' })
  })
})

describe('an execution environment', () => {
  it('is used again while it is warm', async () => {
    const counter = await functionOf('let n = 0; export const handler = async () => ++n')
    await counter.invoke({})
    expect(await counter.invoke({})).toEqual({ outcome: 'succeeded', payload: 2 })
    expect(counter.metrics).toMatchObject({ invocations: 2, coldStarts: 1, errors: 0 })
  })

  it('holds one invocation at a time: a second one at once starts a second process', async () => {
    const pid = await functionOf(pidHandler)
    const [first, second] = await Promise.all([pid.invoke({}), pid.invoke({})])
    expect(first).not.toEqual(second)
    expect(pid.environments.map(({ busy }) => busy)).toEqual([false, false])
  })

  it('stands still between invocations, with what the handler started', async () => {
    const starter = await functionOf(
      `import { spawn } from 'node:child_process'
       const { pid } = spawn('sleep', ['600'])
       export const handler = async () => [process.pid, pid]`,
    )
    const first = (await starter.invoke({})) as { payload: [number, number] }
    await expect.poll(() => first.payload.map(stateOf)).toEqual(['T', 'T'])
    expect(await starter.invoke({})).toEqual(first)
  })

  it('is throttled beyond the reserved concurrency', async () => {
    const reserved = await functionOf(pidHandler, { config: { reservedConcurrency: 1 } })
    const outcomes = await Promise.all([reserved.invoke({}), reserved.invoke({})])
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['succeeded', 'throttled'])
    expect(reserved.metrics).toMatchObject({ invocations: 1, throttles: 1 })
  })

  it('is throttled beyond what other functions left of the account', async () => {
    const concurrency = accountConcurrency(3)
    await functionOf(pidHandler, { config: { name: 'other', reservedConcurrency: 2 }, deps: { concurrency } })
    const sharing = await functionOf(pidHandler, { deps: { concurrency } })
    const outcomes = await Promise.all([sharing.invoke({}), sharing.invoke({})])
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['succeeded', 'throttled'])
  })

  it('gives its place back when its invocation is over', async () => {
    const reserved = await functionOf(pidHandler, { config: { reservedConcurrency: 1 } })
    const first = await reserved.invoke({})
    expect(await reserved.invoke({})).toEqual(first)
  })

  it('ends when it was idle for five minutes', async () => {
    const clock = new ManualClock()
    const pid = await functionOf(pidHandler, { deps: { clock } })
    const first = await pid.invoke({})
    await clock.advance(299_999)
    expect(await pid.invoke({})).toEqual(first)
    await clock.advance(300_000)
    await expect.poll(() => pid.environments).toEqual([])
    expect(await pid.invoke({})).not.toEqual(first)
  })

  it('sees the variables of Lambda and of its template, and nothing of the host but PATH', async () => {
    process.env.SECRET_OF_THE_HOST = 'leak'
    const environment = await functionOf('export const handler = async () => process.env')
    const { payload } = (await environment.invoke({})) as { payload: Record<string, string> }
    delete process.env.SECRET_OF_THE_HOST
    expect(Object.keys(payload).sort()).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_DEFAULT_REGION',
      'AWS_ENDPOINT_URL_SQS',
      'AWS_EXECUTION_ENV',
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_LAMBDA_FUNCTION_VERSION',
      'AWS_LAMBDA_INITIALIZATION_TYPE',
      'AWS_LAMBDA_LOG_FORMAT',
      'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_STREAM_NAME',
      'AWS_LAMBDA_RUNTIME_API',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'GREETING',
      'LAMBDA_TASK_ROOT',
      'LANG',
      'PATH',
      'TZ',
      '_HANDLER',
      '_X_AMZN_TRACE_ID',
    ])
    expect(payload).toMatchObject({ AWS_REGION: 'eu-west-1', GREETING: 'hello', TZ: ':UTC' })
  })

  it('cannot be given a variable that Lambda reserves', async () => {
    const config = { environment: { AWS_REGION: 'us-east-1' } }
    await expect(functionOf(pidHandler, { config })).rejects.toThrow('greeter sets AWS_REGION')
  })
})

describe('a bundle', () => {
  it('may be CommonJS in index.js even below a package that says it is a module', async () => {
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    const commonJs = await functionOf('exports.handler = async () => require("node:path").sep', {
      file: 'index.js',
    })
    expect(await commonJs.invoke({})).toEqual({ outcome: 'succeeded', payload: '/' })
  })

  it('fails with the error of its initialisation, which Lambda repeats once', async () => {
    const broken = await functionOf('console.log("loading"); throw new TypeError("no table")')
    expect(await broken.invoke({})).toMatchObject({
      outcome: 'failed',
      errorType: 'TypeError',
      errorMessage: 'no table',
    })
    expect(texts().filter((text) => text.endsWith('loading'))).toHaveLength(2)
    expect(texts().filter((text) => text.startsWith('INIT_REPORT'))).toEqual([
      expect.stringMatching(/Phase: init\tStatus: error\tError Type: TypeError\t$/),
    ])
  })

  it('is initialised again as part of the invocation when it takes longer than ten seconds', async () => {
    const marker = join(directory, 'started-once')
    const clock = new ManualClock()
    const slowOnce = await functionOf(
      `import { existsSync, writeFileSync } from 'node:fs'
       if (!existsSync(${JSON.stringify(marker)})) {
         writeFileSync(${JSON.stringify(marker)}, '')
         console.log('loading')
         await new Promise((resolve) => setTimeout(resolve, 60_000))
       }
       export const handler = async () => 'ready'`,
      { deps: { clock } },
    )
    const loading = logged(/loading$/)
    const invocation = slowOnce.invoke({})
    await loading
    await clock.advance(10_000)
    expect(await invocation).toEqual({ outcome: 'succeeded', payload: 'ready' })
    expect(texts()).toContainEqual(expect.stringMatching(/^INIT_REPORT .*Status: timeout\t$/))
  })

  it('without the handler it names fails with Runtime.HandlerNotFound', async () => {
    const nameless = await functionOf('export const other = 1')
    expect(await nameless.invoke({})).toMatchObject({ errorType: 'Runtime.HandlerNotFound' })
  })
})

describe('a process that ends', () => {
  it('by the timeout answers Sandbox.Timedout, and the next invocation finds a fresh one', async () => {
    const clock = new ManualClock()
    const pid = await functionOf(
      `export const handler = async ({ spin }) => {
         if (spin) console.log('spinning')
         while (spin) {}
         return process.pid
       }`,
      { config: { timeoutSeconds: 3 }, deps: { clock } },
    )
    const before = await pid.invoke({})
    await clock.advance(3_000)
    expect(await pid.invoke({})).toEqual(before) // the timeout of an invocation that is over harms nobody

    const spinning = logged(/spinning$/)
    const invocation = pid.invoke({ spin: true })
    await spinning
    await clock.advance(3_000)
    expect(await invocation).toMatchObject({
      outcome: 'failed',
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/^RequestId: \S{36} Error: Task timed out after 3\.00 seconds$/),
    })
    expect(texts().at(-3)).toMatch(/Z \S{36} Task timed out after 3\.00 seconds$/)
    expect(report()).toMatch(/Duration: 3000\.00 ms\tBilled Duration: 3000 ms.*Status: timeout\t$/)
    const after = await pid.invoke({})
    expect(after).toMatchObject({ outcome: 'succeeded' })
    expect(after).not.toEqual(before)
    expect(pid.metrics).toMatchObject({ invocations: 4, errors: 1, timeouts: 1, coldStarts: 2 })
  })

  it('by its own exit answers Runtime.ExitError', async () => {
    const leaving = await functionOf('export const handler = async ({ code }) => process.exit(code)')
    expect(await leaving.invoke({ code: 3 })).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Runtime exited with error: exit status 3$/),
    })
    expect(await leaving.invoke({ code: 0 })).toMatchObject({
      errorMessage: expect.stringMatching(/Runtime exited without providing a reason$/),
    })
  })

  it('by kill -9 while it works answers Runtime.ExitError, and the next invocation finds a fresh one', async () => {
    const pid = await functionOf(
      `export const handler = async ({ wait }) => {
         if (wait) { console.log('waiting'); await new Promise((resolve) => setTimeout(resolve, 60_000)) }
         return process.pid
       }`,
    )
    const waiting = logged(/waiting$/)
    const killed = pid.invoke({ wait: true })
    await waiting
    process.kill(pid.environments[0]?.pid ?? Number.NaN, 'SIGKILL')
    expect(await killed).toMatchObject({
      outcome: 'failed',
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/signal: killed$/),
    })
    expect(await pid.invoke({})).toMatchObject({ outcome: 'succeeded' })
  })

  it('by kill -9 while it is idle is not noticed by callers', async () => {
    const pid = await functionOf(pidHandler)
    await pid.invoke({})
    pid.kill()
    await expect.poll(() => pid.environments).toEqual([])
    expect(await pid.invoke({})).toMatchObject({ outcome: 'succeeded' })
    expect(pid.metrics).toMatchObject({ errors: 0, coldStarts: 2 })
  })

  it('by using more memory than it has answers Runtime.OutOfMemory', async () => {
    const hungry = await functionOf(
      `const kept = []
       export const handler = async () => {
         for (;;) { kept.push(Buffer.alloc(16 * 1024 * 1024, 1)); await new Promise((resolve) => setTimeout(resolve, 20)) }
       }`,
    )
    expect(await hungry.invoke({})).toMatchObject({ outcome: 'failed', errorType: 'Runtime.OutOfMemory' })
  })

  it('takes along what the handler started', async () => {
    const parent = await functionOf(
      `import { spawn } from 'node:child_process'
       export const handler = async () => spawn('sleep', ['600']).pid`,
    )
    const { payload } = (await parent.invoke({})) as { payload: number }
    expect(isAlive(payload)).toBe(true)
    await parent.close()
    await expect.poll(() => isAlive(payload)).toBe(false)
  })

  it('ends with its owner, even when the owner is killed and the handler never yields', async () => {
    const bundle = mkdtempSync(join(directory, 'bundle-'))
    writeFileSync(
      join(bundle, 'index.mjs'),
      "export const handler = async () => { console.log('pid', process.pid); for (;;) {} }",
    )
    const owner = spawn(
      process.execPath,
      [join(import.meta.dirname, 'owner-of-a-function.ts'), bundle, directory],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const [line] = (await once(owner.stdout.setEncoding('utf8'), 'data')) as [string]
    owner.kill('SIGKILL')
    const pid = Number(/pid (\d+)/.exec(line)?.[1])
    expect(pid).toBeGreaterThan(0)
    await expect.poll(() => isAlive(pid)).toBe(false)
  })
})

describe('the log', () => {
  it('reads as in CloudWatch, each invocation between its START and its REPORT', async () => {
    const talking = await functionOf(
      `console.log('loading')
       export const handler = async () => {
         process.stdout.write('plain\\n'); console.error('bad\\nnews'); process.stderr.write('no newline yet, ')
         process.stderr.write('now\\n')
       }`,
    )
    await talking.invoke({})
    await talking.invoke({})
    const requestId = /RequestId: (\S+)/.exec(report())?.[1]
    const invocation = texts().slice(texts().indexOf(`START RequestId: ${requestId} Version: $LATEST`))
    expect(invocation).toHaveLength(6)
    expect(invocation).toEqual(
      expect.arrayContaining([
        'plain',
        'no newline yet, now',
        expect.stringMatching(new RegExp(`^\\S+Z\t${requestId}\tERROR\tbad\nnews$`)),
      ]),
    )
    expect(invocation.slice(-2)).toEqual([
      `END RequestId: ${requestId}`,
      expect.stringMatching(
        /^REPORT RequestId: \S+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\t$/,
      ),
    ])
    expect(texts()[0]).toMatch(/^INIT_START Runtime Version: nodejs:24/)
    expect(texts()[1]).toMatch(/loading$/)
  })

  it('is complete when the invocation is over, however much it is', async () => {
    const talkative = await functionOf(
      `export const handler = async () => {
         for (let n = 0; n < 5_000; n += 1) process.stdout.write('x'.repeat(200) + '\\n')
       }`,
    )
    await talkative.invoke({})
    expect(texts().filter((text) => text.startsWith('xxx'))).toHaveLength(5_000)
    expect(texts().at(-1)).toBe(report())
  })

  it('bills the initialisation', async () => {
    const greeter = await functionOf(pidHandler)
    await greeter.invoke({})
    const [, duration, billed, init] =
      /Duration: ([\d.]+) ms\tBilled Duration: (\d+) ms.*Init Duration: ([\d.]+) ms/.exec(report()) ?? []
    expect(Math.abs(Number(billed) - Math.ceil(Number(duration) + Number(init)))).toBeLessThanOrEqual(1)
  })

  it('is a file per function and one of all with times', async () => {
    const greeter = await functionOf('export const handler = async () => process.stdout.write("hi\\n")')
    await greeter.invoke({})
    await greeter.close()
    await logs.close()
    expect(readFileSync(join(directory, 'logs/greeter.log'), 'utf8')).toMatch(/^hi$/m)
    expect(readFileSync(join(directory, 'logs/all.log'), 'utf8')).toMatch(/^\S+Z greeter hi$/m)
  })

  it('has JSON platform entries when the function logs JSON', async () => {
    const json = await functionOf('export const handler = async () => { console.info("hi") }', {
      config: { logFormat: 'JSON' },
    })
    await json.invoke({})
    const entries = texts().map((text): Record<string, unknown> => JSON.parse(text))
    expect(entries.map(({ type, message }) => type ?? message)).toEqual([
      'platform.initStart',
      'platform.start',
      'hi',
      'platform.report',
    ])
  })
})

it('fails on close what is still running', async () => {
  const stuck = await functionOf(
    'export const handler = () => new Promise(() => setInterval(() => {}, 1_000))',
  )
  const invocation = stuck.invoke({})
  await stuck.close()
  expect(await invocation).toMatchObject({ outcome: 'failed', errorType: 'Runtime.ExitError' })
})

it('ends its processes on close and throttles from then on', async () => {
  const pid = await functionOf(pidHandler)
  const { payload } = (await pid.invoke({})) as { payload: number }
  await pid.close()
  expect(isAlive(payload)).toBe(false)
  expect(await pid.invoke({})).toEqual({ outcome: 'throttled' })
})
