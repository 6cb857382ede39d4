import * as z from 'zod/mini'

/** Crockford base 32, 26 characters: sorts by the time it was made. */
const prefixedUlid = (prefix: string) =>
  z.string().check(z.regex(new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`)))

export const OrderId = prefixedUlid('ord').brand<'OrderId'>()
export type OrderId = z.infer<typeof OrderId>

export const UploadId = prefixedUlid('upl').brand<'UploadId'>()
export type UploadId = z.infer<typeof UploadId>

export const EventId = prefixedUlid('evt').brand<'EventId'>()
export type EventId = z.infer<typeof EventId>

export const WebhookEndpointId = prefixedUlid('whk').brand<'WebhookEndpointId'>()
export type WebhookEndpointId = z.infer<typeof WebhookEndpointId>

/** Makes identifiers: `next('ord')` is `ord_` and a ULID. MUST never return the same one twice. */
export interface Ids {
  next(prefix: 'ord'): OrderId
  next(prefix: 'upl'): UploadId
  next(prefix: 'evt'): EventId
  next(prefix: 'whk'): WebhookEndpointId
}
