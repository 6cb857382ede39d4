import type { MerchantId } from '../merchant-id.ts'

/**
 * A request under an Idempotency-Key. Two are the same request when merchant, principal, route and key agree;
 * the fingerprint (SHA-256 of method, path and canonical body, hex) tells a repeat from a reuse.
 */
export interface KeyedRequest {
  readonly merchant: MerchantId
  /** The client of the token, so that two clients of one merchant cannot meet on a key. */
  readonly principal: string
  /** The operation, such as `POST /orders`. */
  readonly route: string
  readonly key: string
  readonly fingerprint: string
}
