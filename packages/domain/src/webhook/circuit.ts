import * as z from 'zod/mini'

/**
 * Keeps a dead endpoint from holding up the function that serves all of them: after five failures in a row nobody calls it until a
 * time, then one delivery tries, and the others go on waiting until that one has told.
 */
export const Circuit = z.discriminatedUnion('status', [
  z.object({ status: z.literal('closed') }),
  z.object({ status: z.literal('failing'), failures: z.int(), since: z.iso.datetime() }),
  z.object({
    status: z.literal('open'),
    failures: z.int(),
    since: z.iso.datetime(),
    until: z.iso.datetime(),
  }),
])
export type Circuit = z.infer<typeof Circuit>

const failuresThatOpen = 5
const openSeconds = [60, 300, 900, 1_800, 3_600, 7_200] as const
const longestOpenSeconds = 7_200
const mostSecondsFailing = 3 * 24 * 3_600
/** Longer than an attempt can take; a probe that died is made good by the next one. */
const probeSeconds = 60

const after = (now: Date, seconds: number) => new Date(now.getTime() + seconds * 1_000).toISOString()

/** The circuit after one more failure, or `hopeless` when it is open and has been failing for three days. */
export const afterFailure = (circuit: Circuit, now: Date): Circuit | 'hopeless' => {
  const earlier = circuit.status === 'closed' ? { failures: 0, since: now.toISOString() } : circuit
  const { since } = earlier
  const failures = earlier.failures + 1
  if (failures < failuresThatOpen) return { status: 'failing', failures, since }
  if (now.getTime() - Date.parse(since) >= mostSecondsFailing * 1_000) return 'hopeless'
  const seconds = openSeconds[failures - failuresThatOpen] ?? longestOpenSeconds
  return { status: 'open', failures, since, until: after(now, seconds) }
}

/** An open circuit whose time is over, taken by the one delivery that may try; nothing when it is another's turn. */
export const claimProbe = (circuit: Circuit, now: Date): Circuit | undefined =>
  circuit.status === 'open' && Date.parse(circuit.until) <= now.getTime()
    ? { ...circuit, until: after(now, probeSeconds) }
    : undefined
