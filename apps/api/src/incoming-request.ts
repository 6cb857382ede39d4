import type { Cause } from '@stockroom/domain/cause'
import type { MerchantId } from '@stockroom/domain/merchant-id'
import type { Claims } from './caller.ts'

/** A request as it came in, behind whichever transport. */
export interface IncomingRequest {
  readonly method: string
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly header: (name: string) => string | undefined
  readonly body: () => Promise<Uint8Array>
  readonly claims: Claims | undefined
  readonly cause: Cause
  /** Counts the request against the merchant's rate. Throws Problem 429 when that is used up. */
  readonly pass: (merchant: MerchantId) => Promise<void>
}
