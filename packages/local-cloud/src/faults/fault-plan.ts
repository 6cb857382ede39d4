import { type CallFault, type CallFaultKind, callFaultKinds } from './call-fault.ts'
import {
  type DeliveryFault,
  type DeliveryFaultKind,
  type DeliveryVia,
  deliveryFaultKinds,
} from './delivery-fault.ts'
import { seededFraction, seededHash } from './seeded-hash.ts'

/** One call: the `nth` (from 1) of this operation by this caller. */
export interface CallSite {
  /** The function's name. */
  readonly caller: string
  /** As the SDK names it: `TransactWriteItems`. */
  readonly operation: string
  readonly nth: number
}

/** One delivery: the `nth` (from 1) of this source. */
export interface DeliverySite {
  readonly via: DeliveryVia
  /** The name of the mapping, schedule or bucket. */
  readonly source: string
  readonly nth: number
}

/** A fault that was handed out for injection. */
export type Injection =
  | (CallSite & { readonly fault: CallFault })
  | (DeliverySite & { readonly fault: DeliveryFault })

/** Decides where faults happen; the same for every tier of a simulation. */
export interface FaultPlan {
  /**
   * The fault of this call, if there is one. It counts as injected unless `possible` says that it cannot happen to this very call,
   * for instance a stale read to a consistent one; then there is none.
   */
  faultFor(site: CallSite, possible?: (kind: CallFaultKind) => boolean): CallFault | undefined
  /** As {@link faultFor}, for a delivery. */
  deliveryFaultFor(
    site: DeliverySite,
    possible?: (kind: DeliveryFaultKind) => boolean,
  ): DeliveryFault | undefined
  /** No faults from now on. */
  stop(): void
  /** In the order in which they happened. */
  readonly injected: readonly Injection[]
}

export interface FaultPlanOptions {
  readonly seed: number
  /** The share of calls and deliveries with a fault, 0 to 1. */
  readonly rate: number
  /** Only these. Default: all that make sense for the operation or source. */
  readonly kinds?: readonly (CallFaultKind | DeliveryFaultKind)[]
  /** Only where this holds. */
  readonly only?: (site: CallSite | DeliverySite) => boolean
  /** Of `delay`. Default 1,000. */
  readonly longestDelayMs?: number
  /** Of `late` and `duplicate`. Default 10,000. */
  readonly longestLatenessMs?: number
}

/**
 * A plan drawn from a seed. A site's fault follows from the seed and the site alone: leaving out a command moves no other fault,
 * as far as the calls themselves stay the same. Throws a RangeError for a rate outside of 0 to 1.
 */
export const makeFaultPlan = (options: FaultPlanOptions): FaultPlan => {
  const { seed, rate, kinds, only = () => true } = options
  const { longestDelayMs = 1_000, longestLatenessMs = 10_000 } = options
  if (!(rate >= 0 && rate <= 1))
    throw new RangeError(`The rate of faults is ${rate}, but must be from 0 to 1`)

  const draw = <Kind extends CallFaultKind | DeliveryFaultKind>(
    key: readonly (string | number)[],
    candidates: readonly Kind[],
  ): Kind | undefined => {
    if (seededFraction(seed, 'whether', ...key) >= rate) return undefined
    const allowed = candidates.filter((kind) => kinds?.includes(kind) ?? true)
    return allowed[seededHash(seed, 'which', ...key) % allowed.length]
  }
  const saltOf = (key: readonly (string | number)[]): number => seededHash(seed, 'salt', ...key)
  const upTo = (longestMs: number, key: readonly (string | number)[]): number =>
    1 + (saltOf(key) % Math.max(1, Math.floor(longestMs)))

  return planOf({
    call: (site) => {
      const key = [site.caller, site.operation, site.nth]
      const kind = only(site) ? draw(key, callFaultKinds(site.operation)) : undefined
      switch (kind) {
        case undefined:
          return undefined
        case 'delay':
          return { kind, ms: upTo(longestDelayMs, key) }
        case 'partial':
        case 'throttle':
        case 'transaction_conflict':
          return { kind, salt: saltOf(key) }
        default:
          return { kind }
      }
    },
    delivery: (site) => {
      const key = [site.via, site.source, site.nth]
      const kind = only(site) ? draw<DeliveryFaultKind>(key, deliveryFaultKinds[site.via]) : undefined
      switch (kind) {
        case undefined:
          return undefined
        case 'duplicate':
        case 'late':
          return { kind, ms: upTo(longestLatenessMs, key) }
        case 'shuffle':
        case 'rewind':
        case 'permute':
        case 'cut':
          return { kind, salt: saltOf(key) }
        default:
          return { kind }
      }
    },
  })
}

/** A plan of exactly these faults, for instance some of those that another plan injected. */
export const exactFaultPlan = (injections: readonly Injection[]): FaultPlan => {
  const bySite = new Map(injections.map((injection) => [siteKey(injection), injection.fault]))
  return planOf({
    call: (site) => bySite.get(siteKey(site)) as CallFault | undefined,
    delivery: (site) => bySite.get(siteKey(site)) as DeliveryFault | undefined,
  })
}

const siteKey = (site: CallSite | DeliverySite): string =>
  JSON.stringify(
    'caller' in site ? [site.caller, site.operation, site.nth] : [site.via, site.source, site.nth],
  )

const planOf = (decide: {
  call(site: CallSite): CallFault | undefined
  delivery(site: DeliverySite): DeliveryFault | undefined
}): FaultPlan => {
  const injected: Injection[] = []
  let stopped = false
  return {
    faultFor: (site, possible = () => true) => {
      const fault = stopped ? undefined : decide.call(site)
      if (!fault || !possible(fault.kind)) return undefined
      injected.push({ ...site, fault })
      return fault
    },
    deliveryFaultFor: (site, possible = () => true) => {
      const fault = stopped ? undefined : decide.delivery(site)
      if (!fault || !possible(fault.kind)) return undefined
      injected.push({ ...site, fault })
      return fault
    },
    stop: () => {
      stopped = true
    },
    injected,
  }
}
