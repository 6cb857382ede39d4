import type { CallFaultKind } from '@stockroom/local-cloud/faults/call-fault'
import { faultInterceptor } from '@stockroom/local-cloud/faults/fault-interceptor'
import { type FaultPlan, type Injection, makeFaultPlan } from '@stockroom/local-cloud/faults/fault-plan'
import type { Interceptor } from '@stockroom/local-cloud/gateway/interceptor'
import type { InjectedFault } from '../world.ts'

/** The share of faults that kill. A process that starts again costs what fifty calls cost, and each fault is drawn for one call. */
const killShare = 0.05
const kills: readonly CallFaultKind[] = ['kill_before', 'kill_after']
const others: readonly CallFaultKind[] = [
  'lose_request',
  'lose_answer',
  'delay',
  'throttle',
  'transaction_conflict',
  'internal_error',
  'partial',
  'stale_read',
]
/** Real time: a delay is there to let others overtake, and these overtake within less. */
const longestDelayMs = 300

/** Faults of `rate` of all calls, drawn from the seed; kills are rare among them. */
export const realFaultPlan = (seed: number, rate: number): FaultPlan => {
  const plans = [
    makeFaultPlan({ seed, rate: rate * (1 - killShare), kinds: others, longestDelayMs }),
    makeFaultPlan({ seed: ~seed, rate: rate * killShare, kinds: kills }),
  ]
  const injected: Injection[] = []
  const first = <Fault extends Injection['fault']>(
    site: Omit<Injection, 'fault'>,
    draw: (plan: FaultPlan) => Fault | undefined,
  ): Fault | undefined => {
    for (const plan of plans) {
      const fault = draw(plan)
      if (fault === undefined) continue
      injected.push({ ...site, fault } as Injection)
      return fault
    }
    return undefined
  }
  return {
    faultFor: (site, possible) => first(site, (plan) => plan.faultFor(site, possible)),
    deliveryFaultFor: (site, possible) => first(site, (plan) => plan.deliveryFaultFor(site, possible)),
    stop: () => {
      for (const plan of plans) plan.stop()
    },
    injected,
  }
}

/** Injects a plan's faults between functions and services and tells each one as it happens, with the invocation that met it. */
export const tellingInterceptor = (
  plan: FaultPlan,
  requestIn: (environmentId: string) => string | undefined,
  tell: (fault: InjectedFault) => void,
): Interceptor => {
  const injecting = faultInterceptor(plan)
  return {
    ...injecting,
    before: (call) => {
      const before = plan.injected.length
      const interference = injecting.before?.(call) ?? Promise.resolve(undefined)
      // A fault is drawn before anything is awaited, so one that is new belongs to this call.
      const injection = plan.injected[before]
      if (injection !== undefined && 'caller' in injection) {
        const { operation, nth, fault } = injection
        const requestId = call.environmentId === undefined ? undefined : requestIn(call.environmentId)
        tell({
          at: Date.now(),
          kind: fault.kind,
          where: `${shortName(injection.caller)}, ${operation} ${nth}`,
          ...(requestId === undefined ? {} : { requestId }),
        })
      }
      return interference
    },
  }
}

/** `Http` of `Stockroom-dev-Stateless-FunctionsHttpFunction3631F7-…`. */
const shortName = (functionName: string): string =>
  /Functions([A-Z][A-Za-z]*?)Fun/.exec(functionName)?.[1] ?? functionName
