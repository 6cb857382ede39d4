import { seededHash } from './seeded-hash.ts'

/**
 * What may happen to one call of a service. `salt` lets the one who injects it draw what else there is to draw, for instance
 * which entries of a batch fail, so that the same fault always does the same.
 */
export type CallFault =
  /** The service never hears of it; the caller's connection breaks. */
  | { readonly kind: 'lose_request' }
  /** The service did it; the caller's connection breaks. */
  | { readonly kind: 'lose_answer' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'throttle'; readonly salt: number }
  /** Another transaction holds one of the items. */
  | { readonly kind: 'transaction_conflict'; readonly salt: number }
  | { readonly kind: 'internal_error' }
  /** Some entries of a batch are not applied, and the answer says so. */
  | { readonly kind: 'partial'; readonly salt: number }
  /** An eventually consistent read or an index answers with an earlier state. */
  | { readonly kind: 'stale_read' }
  /** `kill -9` of the caller before the service hears of the call. */
  | { readonly kind: 'kill_before' }
  /** `kill -9` of the caller when the service did it and before the caller hears of that. */
  | { readonly kind: 'kill_after' }

export type CallFaultKind = CallFault['kind']

/** Happens to any call of any service. */
const everywhere: readonly CallFaultKind[] = [
  'lose_request',
  'lose_answer',
  'delay',
  'throttle',
  'internal_error',
  'kill_before',
  'kill_after',
]

/** What AWS does besides, by the operation's name in the SDK. */
const besides: Readonly<Record<string, readonly CallFaultKind[]>> = {
  GetItem: ['stale_read'],
  Query: ['stale_read'],
  Scan: ['stale_read'],
  BatchGetItem: ['partial', 'stale_read'],
  BatchWriteItem: ['partial'],
  PutItem: ['transaction_conflict'],
  UpdateItem: ['transaction_conflict'],
  DeleteItem: ['transaction_conflict'],
  TransactGetItems: ['transaction_conflict'],
  TransactWriteItems: ['transaction_conflict'],
  SendMessageBatch: ['partial'],
  DeleteMessageBatch: ['partial'],
  ChangeMessageVisibilityBatch: ['partial'],
}

/** The faults that make sense for an operation, named as in the SDK: `TransactWriteItems`. */
export const callFaultKinds = (operation: string): readonly CallFaultKind[] => [
  ...everywhere,
  ...(besides[operation] ?? []),
]

/** Which of a batch's entries a `partial` fault hits: at least one, by index, in order. */
export const failedEntries = (salt: number, entries: number): readonly number[] => {
  const hit = Array.from({ length: entries }, (_, index) => index).filter(
    (index) => seededHash(salt, index) % 2 === 0,
  )
  return hit.length > 0 || entries === 0 ? hit : [salt % entries]
}
