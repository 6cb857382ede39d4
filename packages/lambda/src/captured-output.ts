import { onTestFinished, vi } from 'vitest'

/** What the function under test writes to stdout and stderr from now on, as the JSON lines that CloudWatch gets. For tests. */
export const capturedOutput = (): { readonly lines: () => readonly Record<string, unknown>[] } => {
  let text = ''
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += String(chunk)
      return true
    })
    onTestFinished(() => spy.mockRestore())
  }
  return {
    lines: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  }
}
