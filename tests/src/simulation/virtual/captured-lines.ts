/** What the functions' logger and metrics write from now on instead of the terminal: `release` gives it back. One world at a time. */
export const captureLines = (): { readonly lines: readonly string[]; readonly release: () => void } => {
  const lines: string[] = []
  const original = [process.stdout.write, process.stderr.write] as const
  const capture = (chunk: string | Uint8Array): boolean => {
    for (const line of String(chunk).split('\n')) if (line !== '') lines.push(line)
    return true
  }
  process.stdout.write = capture
  process.stderr.write = capture
  return {
    lines,
    release: () => {
      process.stdout.write = original[0]
      process.stderr.write = original[1]
    },
  }
}
