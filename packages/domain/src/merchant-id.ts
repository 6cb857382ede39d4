import * as z from 'zod/mini'

/** Whose data it is. Comes from verified claims only; a part of every key, so it holds no separator. */
export const MerchantId = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{1,39}$/))
  .brand<'MerchantId'>()
export type MerchantId = z.infer<typeof MerchantId>
