import * as z from 'zod/mini'

/** ISO 4217 code, such as `EUR`. */
export const Currency = z
  .string()
  .check(z.regex(/^[A-Z]{3}$/))
  .brand<'Currency'>()
export type Currency = z.infer<typeof Currency>

/** Integer minor units (cents); exact up to 2^53 - 1, so no rounding anywhere. */
export const Money = z.object({
  amount: z.int().check(z.minimum(0), z.maximum(Number.MAX_SAFE_INTEGER)),
  currency: Currency,
})
export type Money = z.infer<typeof Money>
