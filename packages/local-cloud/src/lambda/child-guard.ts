import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Sees to it that no child outlives this process, not even when it ends by `kill -9`. */
export interface ChildGuard {
  /** Guards a child, with its process group when it was started `detached`, until it exits. */
  adopt(child: ChildProcess): void
  /** Kills the children that are still alive, and resolves when the guard itself has ended. */
  close(): Promise<void>
}

/**
 * The end of standard input is the one signal that a killed parent still sends. A shell, because it costs a megabyte;
 * it ignores the terminal's Ctrl-C, which the parent answers in order.
 */
const script = `
trap '' INT TERM HUP
pids=' '
while read -r change pid; do
  case $change in
    adopt) pids="$pids$pid " ;;
    exit) pids="\${pids%% $pid *} \${pids#* $pid }" ;;
  esac
done
for pid in $pids; do kill -KILL "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null; done
`

/** Starts the guard process; one serves any number of children. */
export const startChildGuard = (): ChildGuard => {
  const guard = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  const ended = once(guard, 'exit')
  guard.unref()
  guard.stdin.on('error', () => process.emitWarning('The guard of the child processes was killed.'))

  return {
    adopt: (child) => {
      if (child.pid === undefined || child.exitCode !== null) return
      guard.stdin.write(`adopt ${child.pid}\n`)
      child.once('exit', () => {
        if (guard.stdin.writable) guard.stdin.write(`exit ${child.pid}\n`)
      })
    },
    close: async () => {
      guard.ref()
      guard.stdin.end()
      await ended
    },
  }
}
