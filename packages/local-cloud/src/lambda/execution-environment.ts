import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { ChildGuard } from './child-guard.ts'
import { type RuntimeAnswer, type RuntimeError, type RuntimeEvent, startRuntimeApi } from './runtime-api.ts'

/** Why an execution environment ended. `exit` covers everything that the process did or that others did to it. */
export type Death = (
  | { readonly cause: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly cause: KillCause }
) & {
  /** What the runtime reported before it gave up initialising. */
  readonly initialisationError?: RuntimeError
}

export type KillCause = 'timeout' | 'memory' | 'closed'

/** One process of a function. It holds at most one invocation at a time and stands still between them, as on Lambda. */
export interface ExecutionEnvironment {
  readonly id: string
  readonly pid: number
  /** The largest resident size seen so far. */
  readonly peakMemoryBytes: number
  /** Resolves when the runtime first asks for an event, or when it has died instead. Never rejects. */
  readonly initialised: Promise<'ready' | Death>
  /** Resolves when the process is gone, all that it wrote has been logged, and its port is closed. Never rejects. */
  readonly died: Promise<Death>
  /**
   * Hands over an event; resolves when the runtime has answered and asked for the next one, or has died. Never rejects.
   * MUST NOT be called before the previous promise has resolved.
   */
  run(event: RuntimeEvent): Promise<RuntimeAnswer | Death>
  /** `kill -9`; without a cause it looks as if anybody else had done it. */
  kill(cause?: KillCause): void
}

export interface ExecutionEnvironmentOptions {
  readonly id: string
  /** Becomes the working directory. */
  readonly codeDirectory: string
  /** The process's whole environment but for AWS_LAMBDA_RUNTIME_API. */
  readonly variables: Readonly<Record<string, string>>
  readonly memoryMegabytes: number
  readonly guard: ChildGuard
  log(source: 'stdout' | 'stderr', text: string): void
}

const preload = join(import.meta.dirname, 'runtime-preload.cjs')
// createRequire resolves symlinks: the runtime finds out by its path whether it was started or imported.
const runtime = createRequire(import.meta.url).resolve('aws-lambda-ric')
const memoryPollMilliseconds = 100

const unanswered: RuntimeAnswer = {
  status: 'failed',
  error: {
    errorType: 'Runtime.Unknown',
    errorMessage: 'The runtime asked for an event without an answer to the last.',
  },
}

/** Starts a Node process under AWS's runtime loop and its Runtime API. */
export const startExecutionEnvironment = async (
  options: ExecutionEnvironmentOptions,
): Promise<ExecutionEnvironment> => {
  const { memoryMegabytes } = options
  let asked = Promise.withResolvers<'ready'>()
  let answer: RuntimeAnswer | undefined
  let initialisationError: RuntimeError | undefined
  let killCause: KillCause | undefined
  let peakMemoryBytes = 0
  let frozen = false

  const api = await startRuntimeApi({
    asked: (residentBytes) => {
      peakMemoryBytes = Math.max(peakMemoryBytes, residentBytes)
      Promise.all([stdout.marked(), stderr.marked()]).then(() => asked.resolve('ready'))
    },
    answered: (given) => {
      answer = given
    },
    initialisationFailed: (error) => {
      initialisationError = error
    },
  })

  const child = spawn(
    process.execPath,
    [
      // The flags of Lambda's own bootstrap.
      '--expose-gc',
      `--max-semi-space-size=${Math.floor(memoryMegabytes * 0.05)}`,
      `--max-old-space-size=${Math.floor(memoryMegabytes * 0.9)}`,
      '--require',
      preload,
      runtime,
    ],
    {
      cwd: options.codeDirectory,
      env: { ...options.variables, AWS_LAMBDA_RUNTIME_API: api.address },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // its own process group, so that what a handler starts dies with it
    },
  )
  const { pid } = child
  if (pid === undefined) {
    const [error] = await once(child, 'error')
    api.close()
    throw error
  }
  options.guard.adopt(child)
  const stdout = readLog(child.stdout, (text) => options.log('stdout', text))
  const stderr = readLog(child.stderr, (text) => options.log('stderr', text))

  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal)
    } catch {
      // Its group is gone already: ESRCH, or EPERM where only a zombie is left.
    }
  }
  const kill = (cause?: KillCause): void => {
    killCause ??= cause
    signalGroup('SIGKILL')
  }

  const memoryPoll = setInterval(() => {
    if (frozen) return
    peakMemoryBytes = Math.max(peakMemoryBytes, residentPeak(pid))
    if (peakMemoryBytes > memoryMegabytes * 1024 * 1024) kill('memory')
  }, memoryPollMilliseconds).unref()

  const died = new Promise<Death>((resolve) => {
    child.once('exit', () => {
      clearInterval(memoryPoll)
      kill() // the rest of its process group, which could hold the log open
    })
    child.once('close', (code, signal) => {
      api.close()
      const ending = killCause ? { cause: killCause } : { cause: 'exit' as const, code, signal }
      resolve({ ...ending, ...(initialisationError && { initialisationError }) })
    })
  })

  return {
    id: options.id,
    pid,
    get peakMemoryBytes() {
      return peakMemoryBytes
    },
    initialised: Promise.race([asked.promise, died]),
    died,
    run: async (event) => {
      asked = Promise.withResolvers()
      answer = undefined
      frozen = false
      signalGroup('SIGCONT')
      api.send(event)
      const end = await Promise.race([asked.promise, died])
      if (end === 'ready') {
        frozen = true
        signalGroup('SIGSTOP')
      }
      if (answer) return answer
      return end === 'ready' ? unanswered : end
    },
    kill,
  }
}

/** Passes lines on; `marked` resolves at the next line that the preload wrote to mark the end of an invocation's log. */
const readLog = (stream: Readable, log: (text: string) => void): { marked(): Promise<void> } => {
  let marks = 0
  let wake = () => {}
  let rest = ''
  const line = (text: string): void => {
    // The runtime writes an entry of several lines with carriage returns, as CloudWatch takes them.
    if (text === '\0') {
      marks += 1
      wake()
    } else {
      log(text.replaceAll('\r', '\n'))
    }
  }
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) line(text)
  })
  stream.on('end', () => rest && line(rest))
  return {
    marked: async () => {
      if (marks === 0) await new Promise<void>((resolve) => (wake = resolve))
      marks -= 1
    },
  }
}

/** The high-water mark of a process's resident set in bytes; 0 where there is no /proc, and the runtime's report has to do. */
const residentPeak = (pid: number): number => {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) * 1024
  } catch {
    return 0
  }
}
