import type { CallFaultKind } from '@stockroom/local-cloud/faults/call-fault'
import { deliveryFaultKinds } from '@stockroom/local-cloud/faults/delivery-fault'
import { type FaultPlan, type Injection, makeFaultPlan } from '@stockroom/local-cloud/faults/fault-plan'
import type { InjectedFault } from '../world.ts'

/** The share of faults that kill. A process that starts again costs what fifty calls cost, and each fault is drawn for one call. */
const killShare = 0.05
const kills: readonly CallFaultKind[] = ['kill_before', 'kill_after']
const others = [
  'lose_request',
  'lose_answer',
  'delay',
  'throttle',
  'transaction_conflict',
  'internal_error',
  'partial',
  'stale_read',
  ...Object.values(deliveryFaultKinds).flat(),
] as const
/** Real time: whatever is late is there to let others overtake, and these overtake within less. */
const longestDelayMs = 300
const longestLatenessMs = 1_500

/** Faults of `rate` of all calls and deliveries, drawn from the seed; kills are rare among them. */
export const realFaultPlan = (seed: number, rate: number): FaultPlan => {
  const plans = [
    makeFaultPlan({ seed, rate: rate * (1 - killShare), kinds: others, longestDelayMs, longestLatenessMs }),
    makeFaultPlan({ seed: ~seed, rate: rate * killShare, kinds: kills }),
  ]
  const injected: Injection[] = []
  return {
    faultFor: (site, possible) => {
      const fault = plans.map((plan) => plan.faultFor(site, possible)).find((drawn) => drawn !== undefined)
      if (fault) injected.push({ ...site, fault })
      return fault
    },
    deliveryFaultFor: (site, possible) => {
      const fault = plans
        .map((plan) => plan.deliveryFaultFor(site, possible))
        .find((drawn) => drawn !== undefined)
      if (fault) injected.push({ ...site, fault })
      return fault
    },
    stop: () => {
      for (const plan of plans) plan.stop()
    },
    injected,
  }
}

/** The same plan, which also tells each fault as it is handed out. */
export const tellingPlan = (plan: FaultPlan, tell: (fault: InjectedFault) => void): FaultPlan => ({
  ...plan,
  faultFor: (site, possible) => {
    const fault = plan.faultFor(site, possible)
    const { caller, operation, nth } = site
    if (fault) tell({ at: Date.now(), kind: fault.kind, where: `${shortName(caller)}, ${operation} ${nth}` })
    return fault
  },
  deliveryFaultFor: (site, possible) => {
    const fault = plan.deliveryFaultFor(site, possible)
    const { via, source, nth } = site
    if (fault) tell({ at: Date.now(), kind: fault.kind, where: `${via} ${shortName(source)} ${nth}` })
    return fault
  },
})

/** `Http` of `Stockroom-dev-Stateless-FunctionsHttpFunction3631F7-…`, `FanOutEvent` of its mapping. */
const shortName = (name: string): string => /Functions([A-Z][A-Za-z]*?)(?:Fun|Source)/.exec(name)?.[1] ?? name
