import { setTimeout as pause } from 'node:timers/promises'

/**
 * Starts `work` `perSecond` times a second, `times` times, whether or not earlier ones have ended: an open loop, so that a slow
 * system cannot slow down its own load. Rejects with the first error when all have ended.
 */
export const atRate = async (
  perSecond: number,
  times: number,
  work: (n: number) => Promise<void>,
): Promise<{ readonly startedPerSecond: number }> => {
  const start = performance.now()
  const running: Promise<void>[] = []
  for (let n = 0; n < times; n++) {
    const wait = start + (n * 1_000) / perSecond - performance.now()
    if (wait > 0) await pause(wait)
    const one = work(n)
    // Kept for the end; without a handler until then it would end the process.
    one.catch(() => undefined)
    running.push(one)
  }
  const startedPerSecond = times / ((performance.now() - start) / 1_000)
  await Promise.all(running)
  return { startedPerSecond }
}
