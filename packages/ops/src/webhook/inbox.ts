import * as z from 'zod/mini'

/** One event as it first arrived at one inbox. */
export const ReceivedEvent = z.object({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.int(),
  merchant: z.string(),
  /** How often it arrived; more than once is allowed, and what the id is for. */
  arrivals: z.int(),
})
export type ReceivedEvent = z.infer<typeof ReceivedEvent>

/** What one merchant's receiver has seen. */
export const Inbox = z.object({
  events: z.array(ReceivedEvent),
  /** Requests that were not genuine, by reason. */
  refused: z.array(z.string()),
  /** First arrivals that came before an earlier one of their subject. */
  disorder: z.array(z.string()),
  /** Requests answered with 500 on purpose. */
  turnedAway: z.int(),
})
export type Inbox = z.infer<typeof Inbox>
