import type { CallOutcome, GatewayService, RequestedAction, ServiceFault } from './authorize.ts'

/** An admitted call as interceptors see it. */
export interface ObservedCall {
  /** The calling function's name, or `operator`. */
  readonly principal: string
  /** The execution environment that calls. */
  readonly environmentId?: string
  readonly service: GatewayService
  readonly operation: string
  readonly actions: readonly RequestedAction[]
  /** The parsed request; S3's calls, which stream, have none. */
  readonly input?: unknown
}

/** What happens instead: an error, a connection that closes without an answer, the sudden death of the caller. */
export type Interference =
  | { readonly kind: 'fail'; readonly fault: ServiceFault }
  | { readonly kind: 'hang up' }
  | { readonly kind: 'kill caller' }

/**
 * Stands between callers and services, for instance to inject faults. Delays by taking its time. The first interceptor
 * that interferes decides.
 */
export interface Interceptor {
  /** Permitted and not yet done: what is returned here happens in place of the effect. */
  before?(call: ObservedCall): Promise<Interference | undefined>
  /** Done and not yet told: what is returned here happens in place of the answer. */
  after?(call: ObservedCall, outcome: CallOutcome): Promise<Interference | undefined>
}
