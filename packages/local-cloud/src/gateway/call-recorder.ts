import type { DenialReason, Grant } from '../iam/evaluate.ts'
import type { ConsumedCapacity, GatewayService } from './authorize.ts'

/** `operator` needs no grant. */
export type RecordedDecision =
  | { readonly allowed: true; readonly grant: Grant | 'operator' }
  | { readonly allowed: false; readonly reason: DenialReason }

export interface RecordedAction {
  readonly action: string
  readonly resource: string
  readonly decision: RecordedDecision
}

/** One call of a service, refused ones included. */
export interface RecordedCall {
  /** Milliseconds since the epoch, when the call came in. */
  readonly at: number
  readonly principal: string
  readonly environmentId?: string
  readonly service: GatewayService
  readonly operation: string
  readonly actions: readonly RecordedAction[]
  /** What the caller was told; 0 when it was told nothing. */
  readonly status: number
  readonly errorCode?: string
  readonly durationMs: number
  readonly requestBytes: number
  readonly responseBytes: number
  readonly consumedCapacity?: readonly ConsumedCapacity[]
  /** When an interceptor took a hand in it, and where. */
  readonly interference?: 'before' | 'after'
}

/** How often a principal did an action. Allowed ones are counted by the permission they used. */
export interface ActionCount {
  readonly principal: string
  readonly action: string
  /** The resource as the permission spells it; for the operator and for denied actions the resource itself. */
  readonly resource: string
  readonly allowed: number
  readonly denied: number
}

/** All calls: the newest one by one, all of them as counts. */
export interface CallRecorder {
  record(call: RecordedCall): void
  /** The newest calls, oldest first. */
  recent(): readonly RecordedCall[]
  counts(): readonly ActionCount[]
  /** Calls `listener` for every call from now on, until the returned function is called. */
  subscribe(listener: (call: RecordedCall) => void): () => void
}

/** Keeps the newest `kept` calls. */
export const makeCallRecorder = (kept = 10_000): CallRecorder => {
  const calls: RecordedCall[] = []
  const counts = new Map<string, ActionCount>()
  const listeners = new Set<(call: RecordedCall) => void>()

  const count = (principal: string, { action, resource, decision }: RecordedAction): void => {
    const counted =
      decision.allowed && decision.grant !== 'operator' ? decision.grant.resource : bounded(resource)
    const key = JSON.stringify([principal, action, counted])
    const before = counts.get(key) ?? { principal, action, resource: counted, allowed: 0, denied: 0 }
    const what = decision.allowed ? 'allowed' : 'denied'
    counts.set(key, { ...before, [what]: before[what] + 1 })
  }

  return {
    record: (call) => {
      calls.push(call)
      if (calls.length >= 2 * kept) calls.splice(0, calls.length - kept)
      for (const action of call.actions) count(call.principal, action)
      for (const listener of listeners) listener(call)
    },
    recent: () => calls.slice(-kept),
    counts: () => [...counts.values()],
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Object keys are without number: a bucket's objects are counted as one. */
const bounded = (resource: string): string => resource.replace(/^(arn:[^:]+:s3:::[^/]+)\/.*$/s, '$1/*')
