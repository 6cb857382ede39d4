import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Starts the command in the background, waits for it, and beside that waits for the end of standard input, whose writing
 * end only the owner holds: when the owner closes it, or dies of whatever, kill -9 included, the command is killed.
 */
const guard = `
exec 3<&0
"$@" 3<&- </dev/null & child=$!
( read -r _ <&3; kill -9 $child ) >/dev/null 2>&1 & watch=$!
exec 3<&-
wait $child; code=$?
kill $watch 2>/dev/null
exit $code`

export interface GuardedProcess {
  /** Resolves with the exit code (128 + signal for a killed process) once the process is gone; never rejects. */
  readonly exited: Promise<number>
  /** All it wrote to standard error and output so far; the last 64 KiB. */
  output(): string
  /** Calls back with each chunk it writes. */
  onOutput(listener: (text: string) => void): void
  /** Kills the process at once (SIGKILL) and waits until it is gone. */
  stop(): Promise<void>
}

const outputLimit = 65_536

/**
 * Starts a native server that never outlives this Node process, however that one ends. Own session, so that Ctrl-C in
 * the terminal reaches the owner alone and the owner decides the order of the shutdown. Needs a POSIX shell.
 */
export const startGuardedProcess = (
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): GuardedProcess => {
  const child: ChildProcess = spawn('/bin/sh', ['-c', guard, 'guard', command, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const listeners: ((text: string) => void)[] = []
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-outputLimit)
      for (const listener of listeners) listener(text)
    })
  }
  // The pipe breaks when the guard is gone first; `exited` tells that already.
  child.stdin?.on('error', () => undefined)

  const exited = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      output += `${error.message}\n`
      resolve(127)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
  return {
    exited,
    output: () => output,
    onOutput: (listener) => listeners.push(listener),
    stop: async () => {
      child.stdin?.end()
      await exited
    },
  }
}
