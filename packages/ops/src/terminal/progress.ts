import { styleText } from 'node:util'

/** Shows long work as it goes: one line a step, rewritten in place on a terminal, plain and final elsewhere. */
export interface Progress {
  /** Runs `work` as one step; `update` shows how far it is. The step's last line is the text that `work` returns. */
  step(name: string, work: (update: (text: string) => void) => Promise<string>): Promise<void>
  line(text: string): void
}

const nameWidth = 12

/** Progress on `stream` (standard error by default, so that standard output stays for results). */
export const terminalProgress = (stream: NodeJS.WriteStream = process.stderr): Progress => {
  const live = stream.isTTY === true
  const paint = (format: 'green' | 'red' | 'dim', text: string) =>
    live ? styleText(format, text, { stream, validateStream: true }) : text
  const rewrite = (text: string) => stream.write(`\r${text.slice(0, (stream.columns ?? 80) - 1)}\x1b[K`)
  return {
    async step(name, work) {
      const title = name.padEnd(nameWidth)
      const start = performance.now()
      const seconds = () => `${((performance.now() - start) / 1_000).toFixed(1)} s`
      const end = (mark: string, text: string) =>
        stream.write(`${live ? '\r\x1b[K' : ''}${mark} ${title} ${text}  ${paint('dim', seconds())}\n`)
      let shown = ''
      // The clock of the line goes on while nothing else happens, so that a wait does not look like a hang.
      const ticker = live ? setInterval(() => rewrite(`· ${title} ${shown}  ${seconds()}`), 250) : undefined
      try {
        end(
          paint('green', '✔'),
          await work((text) => {
            shown = text
            if (live) rewrite(`· ${title} ${text}  ${seconds()}`)
          }),
        )
      } catch (error) {
        end(paint('red', '✘'), shown)
        throw error
      } finally {
        clearInterval(ticker)
      }
    },
    line: (text) => void stream.write(`${text}\n`),
  }
}
