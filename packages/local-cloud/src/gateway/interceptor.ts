import type { CallOutcome, GatewayService, RequestedAction, ServiceFault } from './authorize.ts'
import type { JsonObject } from './gateway-service.ts'

/** An admitted call as interceptors see it. */
export interface ObservedCall {
  /** The calling function's name, or `operator`. */
  readonly principal: string
  /** The execution environment that calls; none for the operator and for event sources that act under a function's role. */
  readonly environmentId?: string
  readonly service: GatewayService
  readonly operation: string
  readonly actions: readonly RequestedAction[]
  /** The parsed request; S3's calls, which stream, have none. */
  readonly input?: unknown
  /** The service can do with another request and another answer: those with a JSON protocol can. */
  readonly rewritable: boolean
}

/** What happens instead: an error, a connection that closes without an answer, the sudden death of the caller. */
export type Interference =
  | { readonly kind: 'fail'; readonly fault: ServiceFault }
  | { readonly kind: 'hang up' }
  | { readonly kind: 'kill caller' }
  | GivenAnswer

/** The caller gets this as the service's successful answer. Only for rewritable calls. */
export interface GivenAnswer {
  readonly kind: 'answer'
  readonly output: JsonObject
}

/** The service performs this in place of the request. The caller's permissions are those of its own request. */
export interface ChangedRequest {
  readonly kind: 'change request'
  readonly input: JsonObject
}

/**
 * Stands between callers and services, for instance to inject faults. Delays by taking its time. The first interceptor
 * that interferes decides.
 */
export interface Interceptor {
  /** Permitted and not yet done: what is returned here happens in place of the effect. */
  before?(call: ObservedCall): Promise<Interference | ChangedRequest | undefined>
  /** Done and not yet told: what is returned here happens in place of the answer. */
  after?(call: ObservedCall, outcome: CallOutcome): Promise<Interference | undefined>
}
