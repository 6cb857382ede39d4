import * as z from 'zod/mini'
import type { Cause } from '../cause.ts'
import type { KeyedRequest } from '../idempotency/keyed-request.ts'
import { MerchantId } from '../merchant-id.ts'
import { PlacedOrder } from './order.ts'

/** A long order while its stock is being reserved, with all that it takes to finish or refuse it, whoever does. Nobody sees the order before it is placed. */
export const Reservation = z.object({
  /** As it will be placed. */
  order: PlacedOrder,
  /** Where the request names each line first, for refusals (RFC 6901). */
  pointers: z.array(z.string()),
  /** Whose answer it will be. */
  request: z.object({
    merchant: MerchantId,
    principal: z.string(),
    route: z.string(),
    key: z.string(),
    fingerprint: z.string(),
  }) satisfies z.ZodMiniType<KeyedRequest>,
  cause: z.object({
    correlationId: z.string(),
    traceparent: z.exactOptional(z.string()),
  }) satisfies z.ZodMiniType<Cause>,
})
export type Reservation = z.infer<typeof Reservation>
