import type { MerchantId } from '../merchant-id.ts'
import type { KeyedRequest } from './keyed-request.ts'

/** A keyed request for tests. */
export const aKeyedRequest = (
  merchant: MerchantId,
  key: string,
  overrides: Partial<KeyedRequest> = {},
): KeyedRequest => ({
  merchant,
  principal: 'till-1',
  route: 'POST /orders',
  key,
  fingerprint: 'a'.repeat(64),
  ...overrides,
})
