/**
 * What may happen to one delivery by an event source: a receive that brought messages, a page of new stream records, a tick of a
 * schedule, a change in a bucket. What it means for each source stands at the wrapper that injects it.
 */
export type DeliveryFault =
  /** Again, a while after the first time; a stream's batch at once. */
  | { readonly kind: 'duplicate'; readonly ms: number }
  /** Not now, but after others. */
  | { readonly kind: 'late'; readonly ms: number }
  /** In another order. */
  | { readonly kind: 'shuffle'; readonly salt: number }
  /** Received, but never handed to the function: a receive count is spent. */
  | { readonly kind: 'over_pull' }
  /** The visibility timeout ends while the function works. */
  | { readonly kind: 'expire' }
  /** The reader falls back to an earlier record. */
  | { readonly kind: 'rewind'; readonly salt: number }
  /** The reader starts over with the oldest record that is left. */
  | { readonly kind: 'replay' }
  /** Neighbouring changes of different items came into the stream in another order. */
  | { readonly kind: 'permute'; readonly salt: number }
  /** What could come in one batch comes in two. */
  | { readonly kind: 'cut'; readonly salt: number }
  /** The shard ends here and two children go on. */
  | { readonly kind: 'split' }
  | { readonly kind: 'double_tick' }
  | { readonly kind: 'missed_tick' }
  | { readonly kind: 'test_event' }

export type DeliveryFaultKind = DeliveryFault['kind']

/** FIFO queues neither duplicate nor shuffle: there a message comes again only when its visibility ends. */
export type DeliveryVia = 'standard queue' | 'fifo queue' | 'stream' | 'schedule' | 'bucket'

/** The faults that make sense for a kind of event source. */
export const deliveryFaultKinds = {
  'standard queue': ['duplicate', 'late', 'shuffle', 'over_pull', 'expire'],
  'fifo queue': ['late', 'over_pull', 'expire'],
  stream: ['duplicate', 'late', 'rewind', 'replay', 'permute', 'cut', 'split'],
  schedule: ['double_tick', 'missed_tick'],
  bucket: ['duplicate', 'late', 'test_event'],
} as const satisfies Record<DeliveryVia, readonly DeliveryFaultKind[]>
