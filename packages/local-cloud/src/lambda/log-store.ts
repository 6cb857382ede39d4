import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

/** One entry of a function's log. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly functionName: string
  /** The execution environment that wrote it, as CloudWatch's log streams are one per environment. */
  readonly environmentId: string
  /** `platform` is what Lambda itself writes: START, END, REPORT. */
  readonly source: 'stdout' | 'stderr' | 'platform'
  /** Without the final newline; an entry of several lines holds newlines. */
  readonly text: string
}

/** The logs of all functions: files to read afterwards, entries to follow now. */
export interface LogStore {
  write(entry: LogEntry): void
  /** The newest entries, oldest first; of one function when named. */
  tail(functionName?: string): readonly LogEntry[]
  /** Calls `listener` for every entry written from now on, until the returned function is called. */
  subscribe(listener: (entry: LogEntry) => void): () => void
  /** Resolves when every entry is in its file. */
  close(): Promise<void>
}

/**
 * Appends each entry to `<directory>/<function>.log` as it is, and to `all.log` with time and function. Keeps the newest
 * `tailLength` entries in memory.
 */
export const openLogStore = (directory: string, tailLength = 10_000): LogStore => {
  mkdirSync(directory, { recursive: true })
  const files = new Map<string, WriteStream>()
  const listeners = new Set<(entry: LogEntry) => void>()
  const newest: LogEntry[] = []

  const fileOf = (name: string): WriteStream => {
    const open = files.get(name)
    if (open) return open
    const file = createWriteStream(join(directory, `${name}.log`), { flags: 'a' })
    files.set(name, file)
    return file
  }

  return {
    write: (entry) => {
      fileOf(entry.functionName).write(`${entry.text}\n`)
      // Continuation lines are indented, so that each line that starts with a time is an entry.
      const text = entry.text.replaceAll('\n', '\n\t')
      fileOf('all').write(`${new Date(entry.at).toISOString()} ${entry.functionName} ${text}\n`)
      newest.push(entry)
      if (newest.length >= 2 * tailLength) newest.splice(0, newest.length - tailLength)
      for (const listener of listeners) listener(entry)
    },
    tail: (functionName) => {
      const entries = functionName ? newest.filter((entry) => entry.functionName === functionName) : newest
      return entries.slice(-tailLength)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {
      const open = [...files.values()]
      for (const file of open) file.end()
      await Promise.all(open.map((file) => finished(file)))
    },
  }
}
