import { setTimeout as pause } from 'node:timers/promises'
import type { Facts } from './facts.ts'

const idleUploads = new Set(['awaiting_upload', 'imported', 'imported_with_rejects', 'refused'])

/** What is still on its way, by name; empty when nothing moves. */
export const movements = (facts: Facts): Readonly<Record<string, number>> => {
  const endpoints = new Set(facts.endpoints.map(({ id }) => id))
  const counts = {
    'uploads importing': facts.uploads.filter(({ status }) => !idleUploads.has(status)).length,
    'long orders under way': new Set(facts.halfDone.map(({ merchant, orderId }) => `${merchant}/${orderId}`))
      .size,
    'envelopes unpublished': facts.envelopes.filter(({ pending }) => pending).length,
    'messages queued': facts.queues
      .filter(({ deadLetters }) => !deadLetters)
      .reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0),
    // When fan-out dies between storing a delivery and sending its message, and its endpoint is deleted meanwhile, nobody waits for it any more.
    'webhooks pending': facts.deliveries.filter(
      ({ state, endpointId }) => state === 'pending' && endpoints.has(endpointId),
    ).length,
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

/**
 * The longest that a healthy system stays still: a killed consumer's message comes back after the longest visibility timeout, 360 s; a
 * reservation that nobody asks for again is undone when its hold ends, after 900 s at most, by one of the next ticks.
 */
const patienceMilliseconds = ({ halfDone }: Facts): number => (halfDone.length > 0 ? 1_060_000 : 400_000)

/**
 * Reads until nothing moves and returns those facts, or the last ones when nothing has changed for longer than a healthy system stays still.
 * There is no event for "everything has arrived", so it asks again, at most twice a second.
 */
export const settle = async (
  read: () => Promise<Facts>,
  onProgress: (text: string) => void,
): Promise<Facts> => {
  let shown = ''
  let changedAt = Date.now()
  for (;;) {
    const started = Date.now()
    const facts = await read()
    const moving = Object.entries(movements(facts))
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')
    if (moving === '') return facts
    if (moving !== shown) changedAt = Date.now()
    if (Date.now() - changedAt > patienceMilliseconds(facts)) return facts
    shown = moving
    onProgress(moving)
    await pause(Math.max(500, 2 * (Date.now() - started)))
  }
}
