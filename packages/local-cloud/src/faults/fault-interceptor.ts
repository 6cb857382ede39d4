import { type Clock, pause, systemClock } from '../clock.ts'
import type { JsonObject } from '../gateway/gateway-service.ts'
import type {
  ChangedRequest,
  GivenAnswer,
  Interceptor,
  Interference,
  ObservedCall,
} from '../gateway/interceptor.ts'
import { isObject, type PartialBatch, partialBatch } from './batch-entries.ts'
import type { CallFault } from './call-fault.ts'
import { EarlierReads } from './earlier-reads.ts'
import type { FaultPlan } from './fault-plan.ts'
import { internalError, throttled, transactionConflict } from './service-faults.ts'

export interface FaultInterceptorOptions {
  /** For delays and the age of reads. Default: the machine's. */
  readonly clock?: Clock
  /** How far a stale read lies behind at most. Default 10,000. */
  readonly longestStalenessMs?: number
}

/** What is still to be done when the service has done its part. */
type Sequel =
  | { readonly kind: 'lose_answer' | 'kill_after' }
  /** The answer came from here; the service did nothing. */
  | { readonly kind: 'answered' }
  | { readonly kind: 'partial'; readonly batch: PartialBatch }

/**
 * Injects a plan's faults between functions and services. The calls of each function and operation are counted from 1, and only those
 * that an execution environment made: not the operator's, not those of event sources, not uploads by a presigned form.
 */
export const faultInterceptor = (
  plan: FaultPlan,
  { clock = systemClock, longestStalenessMs = 10_000 }: FaultInterceptorOptions = {},
): Interceptor => {
  const made = new Map<string, number>()
  const sequels = new WeakMap<ObservedCall, Sequel>()
  const earlier = new EarlierReads(clock, longestStalenessMs)

  const faultOf = (call: ObservedCall): CallFault | undefined => {
    if (call.environmentId === undefined || call.operation === 'PostObject') return undefined
    const { principal: caller, operation } = call
    const key = JSON.stringify([caller, operation])
    const nth = (made.get(key) ?? 0) + 1
    made.set(key, nth)
    return plan.faultFor({ caller, operation, nth }, (kind) => {
      if (kind === 'stale_read') return earlier.before(call) !== undefined
      if (kind === 'partial') return batchOf(call, 0) !== undefined
      return true
    })
  }

  const answer = (call: ObservedCall, output: JsonObject): GivenAnswer => {
    sequels.set(call, { kind: 'answered' })
    return { kind: 'answer', output }
  }

  return {
    before: async (call) => {
      const fault = faultOf(call)
      switch (fault?.kind) {
        case undefined:
          return undefined
        case 'lose_request':
          return { kind: 'hang up' }
        case 'kill_before':
          return { kind: 'kill caller' }
        case 'delay':
          await pause(clock, fault.ms)
          return undefined
        case 'throttle':
          return { kind: 'fail', fault: throttled(call, fault.salt) }
        case 'transaction_conflict':
          return { kind: 'fail', fault: transactionConflict(call, fault.salt) }
        case 'internal_error':
          return { kind: 'fail', fault: internalError(call) }
        case 'stale_read': {
          const output = earlier.before(call)
          return output && answer(call, output)
        }
        case 'partial': {
          const batch = batchOf(call, fault.salt)
          if (!batch) return undefined
          if (batch.request === undefined) return answer(call, batch.answer({}))
          sequels.set(call, { kind: 'partial', batch })
          return { kind: 'change request', input: batch.request } satisfies ChangedRequest
        }
        case 'lose_answer':
        case 'kill_after':
          sequels.set(call, { kind: fault.kind })
          return undefined
        default:
          return fault satisfies never
      }
    },

    after: async (call, { output }): Promise<Interference | undefined> => {
      const sequel = sequels.get(call)
      if (output && sequel?.kind !== 'partial' && sequel?.kind !== 'answered') earlier.remember(call, output)
      switch (sequel?.kind) {
        case undefined:
        case 'answered':
          return undefined
        case 'lose_answer':
          return { kind: 'hang up' }
        case 'kill_after':
          return { kind: 'kill caller' }
        case 'partial':
          return output && { kind: 'answer', output: sequel.batch.answer(output()) }
        default:
          return sequel satisfies never
      }
    },
  }
}

const batchOf = ({ operation, input }: ObservedCall, salt: number): PartialBatch | undefined =>
  isObject(input) ? partialBatch(operation, input, salt) : undefined
