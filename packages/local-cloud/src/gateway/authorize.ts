import type { ConditionContext } from '../iam/conditions.ts'
import type { JsonObject } from './gateway-service.ts'

/** The services that functions reach through the gateway. */
export type GatewayService = 'dynamodb' | 'sqs' | 'kms' | 's3' | 'lambda'

/** One IAM action on one resource, as the service authorization reference names them. */
export interface RequestedAction {
  /** `s3:PutObject` */
  readonly action: string
  /** `arn:aws:s3:::bucket/key` */
  readonly resource: string
  /** Service specific condition keys of this request, for instance `s3:prefix`. The door adds the global `aws:` keys. */
  readonly conditions?: ConditionContext
}

/** A call whose signature is known to be good, before anything has been done for it. */
export interface IncomingCall {
  readonly service: GatewayService
  /** As the SDK names it: `PutObject`. */
  readonly operation: string
  /** From the Authorization header, the query or the form. */
  readonly accessKeyId: string
  /** `X-Amz-Security-Token`: names the execution environment that calls; a function's credentials are refused without it. */
  readonly sessionToken?: string
  /** Empty only where the service asks for no permission. */
  readonly actions: readonly RequestedAction[]
  /** The parsed request, where there is one to show to interceptors. */
  readonly input?: unknown
  /** The server can do with another request and another answer than its own. */
  readonly rewritable?: true
}

/** DynamoDB's capacity units of one table in one call. */
export interface ConsumedCapacity {
  readonly table: string
  readonly units: number
}

/** What the caller gets instead of an answer; each service writes it in its own error shape. */
export interface ServiceFault {
  readonly status: number
  /** `AccessDenied`, `ProvisionedThroughputExceededException` */
  readonly code: string
  readonly message: string
  /** More members of a JSON error: `CancellationReasons`. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** What became of an admitted call, told before the first byte of the answer is written. */
export interface CallOutcome {
  readonly status: number
  readonly errorCode?: string
  readonly requestBytes: number
  readonly responseBytes: number
  readonly consumedCapacity?: readonly ConsumedCapacity[]
  /** The successful answer of a rewritable call; parsed when it is asked for. */
  readonly output?: () => JsonObject
}

/**
 * What the server must do in place of its own answer: nothing (`answer`; with `output` it sends that in its own shape), send a
 * fault, or close the connection without a byte (`hang up`).
 */
export type Departure =
  | { readonly kind: 'answer'; readonly output?: JsonObject }
  | { readonly kind: 'fail'; readonly fault: ServiceFault }
  | { readonly kind: 'hang up' }

/** The door's answer to a call. Refused and lost calls are recorded already: the server only tells the caller. */
export type Admission =
  | {
      readonly verdict: 'admitted'
      /** Of a rewritable call: the request to perform in place of its own, or the answer to give without performing anything. */
      readonly instead?: { readonly input: JsonObject } | { readonly output: JsonObject }
      /** Whether the caller may also do this; not recorded. S3 answers 403 for a missing key without `s3:ListBucket`. */
      permits(action: RequestedAction): boolean
      /** MUST be called exactly once, when the effect is applied and before the first byte of the answer. */
      leave(outcome: CallOutcome): Promise<Departure>
    }
  | { readonly verdict: 'refused'; readonly fault: ServiceFault }
  | { readonly verdict: 'lost' }

/** The one door that every call to a service passes: identity, IAM, interceptors, recording. */
export interface Door {
  /** The secret that signatures of this key are checked with; undefined for a key that nobody was given. */
  secretOf(accessKeyId: string): string | undefined
  /** Decides about a call. Rejects only when an interceptor does. */
  enter(call: IncomingCall): Promise<Admission>
}
