/** Seconds before attempts 2 to 8 (Standard Webhooks 1.0, "retry schedule", cut so that a wait fits the 12 hours of SQS). */
const schedule = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000] as const

/** Under the 12 hours that SQS hides a message from its receive on (SQS API, ChangeMessageVisibility). */
export const longestWaitSeconds = 11 * 3_600

/**
 * How many seconds to wait after `tries` failed ones, ±10 % by `random` so that deliveries that failed together do not return together;
 * nothing after the last. The receiver's Retry-After can prolong a wait, never shorten it: it cannot use the attempts up in seconds.
 */
export const backoffSeconds = (
  tries: number,
  retryAfterSeconds: number,
  random: () => number,
): number | undefined => {
  const scheduled = schedule[tries - 1]
  if (scheduled === undefined) return undefined
  return Math.min(longestWaitSeconds, Math.max(scheduled * (0.9 + 0.2 * random()), retryAfterSeconds))
}

/** A Retry-After header in seconds from `now`: delay or HTTP date (RFC 9110, 10.2.3); 0 when absent, past or unreadable. */
export const retryAfterSeconds = (header: string | undefined, now: Date): number => {
  if (header === undefined) return 0
  if (/^\d{1,9}$/.test(header)) return Number(header)
  const seconds = (Date.parse(header) - now.getTime()) / 1_000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0
}
