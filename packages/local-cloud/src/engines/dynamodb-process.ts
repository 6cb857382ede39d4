import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { ChildGuard } from '../lambda/child-guard.ts'
import { freePort } from './free-port.ts'

export interface DynamoDbProcess {
  /** `http://127.0.0.1:<port>`; it listens. */
  readonly endpoint: string
  readonly pid: number
  /** Rejects when the engine ends by itself; pending until then. */
  readonly failed: Promise<never>
  /** Kills the engine and waits until it is gone. Committed data survives a kill. */
  stop(): Promise<void>
}

/** The engine cannot choose its port: it gets a free one, and another when somebody was faster. */
const attempts = 5

/** Starts the engine on a database file. `guard` kills it when this process dies. Throws with its own words when it refuses. */
export const startDynamoDbProcess = async (
  binary: string,
  databaseFile: string,
  guard: ChildGuard,
): Promise<DynamoDbProcess> => {
  for (let attempt = 1; ; attempt += 1) {
    const port = String(await freePort())
    const child = spawn(binary, ['serve', '--port', port, '--db-path', databaseFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true, // Ctrl-C in the terminal reaches the owner alone, which closes things in order
    })
    guard.adopt(child)
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code, signal) => resolve(signal ?? `code ${code}`))
    })
    const output = collect(child.stderr)
    const reason = await Promise.race([output.contains('listening on'), exited])
    if (reason === undefined) {
      let stopping = false
      const failed = exited.then((how): Promise<never> => {
        if (stopping) return new Promise<never>(() => undefined)
        throw new Error(`The DynamoDB engine ended (${how}): ${output.text()}`)
      })
      failed.catch(() => undefined) // heard by those who await it; unheard it must not end this process
      return {
        endpoint: `http://127.0.0.1:${port}`,
        pid: child.pid ?? 0,
        failed,
        stop: async () => {
          stopping = true
          child.kill('SIGKILL')
          await exited
        },
      }
    }
    if (attempt === attempts || !output.text().includes('in use')) {
      throw new Error(`The DynamoDB engine did not start (${reason}): ${output.text()}`)
    }
  }
}

/** The newest output, and a promise for the moment when it first holds a text. */
const collect = (stream: Readable) => {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-65_536)
  })
  return {
    text: () => text.trim(),
    contains: (wanted: string) =>
      new Promise<undefined>((resolve) => {
        stream.on('data', () => {
          if (text.includes(wanted)) resolve(undefined)
        })
      }),
  }
}
