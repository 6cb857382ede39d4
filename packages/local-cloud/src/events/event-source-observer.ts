/** How one invocation by an event source went; `partial` means that the function named the records that failed. */
export type DeliveryVerdict = 'succeeded' | 'partial' | 'failed' | 'throttled'

/**
 * What event sources tell the outside: each invocation, records dropped by a filter, records given up, and troubles, which they
 * survive.
 */
export type EventSourceFact =
  | {
      readonly kind: 'invoked'
      readonly records: number
      readonly verdict: DeliveryVerdict
      readonly reason?: string
    }
  | { readonly kind: 'filtered'; readonly records: number }
  | { readonly kind: 'discarded'; readonly records: number; readonly condition: string }
  | { readonly kind: 'trouble'; readonly doing: string; readonly error: unknown }

export interface EventSourceName {
  /** The logical id of the mapping, notification or schedule. */
  readonly name: string
  /** ARN of the queue, stream or bucket; of the schedule itself. */
  readonly source: string
  /** The function's name, or the ARN of a queue that is fed. */
  readonly target: string
}

/** MUST NOT throw. */
export type EventSourceObserver = (fact: EventSourceFact, eventSource: EventSourceName) => void
