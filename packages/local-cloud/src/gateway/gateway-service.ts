import type { ConsumedCapacity, GatewayService, RequestedAction, ServiceFault } from './authorize.ts'

/** The parsed body of a request in one of AWS's JSON protocols. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The answer of the service itself, errors included. */
export interface ServiceAnswer {
  readonly status: number
  readonly body: Buffer | string
  readonly errorCode?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly consumedCapacity?: readonly ConsumedCapacity[]
}

/** One AWS service with a JSON protocol, as its gateway needs to know it. */
export interface JsonService {
  readonly name: GatewayService
  readonly contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1'
  /** What stands before the operation in X-Amz-Target: `DynamoDB_20120810.` */
  readonly targetPrefix: string
  /**
   * What the caller must be permitted; undefined for an operation that is not offered. Throws {@link ServiceFaultError}
   * for a request whose resource cannot be told.
   */
  actionsOf(operation: string, input: JsonObject): readonly RequestedAction[] | undefined
  /** Does it. `body` is the request as it came in. */
  perform(operation: string, input: JsonObject, body: Buffer): Promise<ServiceAnswer>
  /** Headers that go with a fault, besides its JSON. */
  faultHeaders?(fault: ServiceFault): Readonly<Record<string, string>>
}

/** A fault on its way to the gateway, which turns it into the service's error. */
export class ServiceFaultError extends Error {
  readonly fault: ServiceFault

  constructor(fault: ServiceFault) {
    super(`${fault.code}: ${fault.message}`)
    this.name = 'ServiceFaultError'
    this.fault = fault
  }
}
