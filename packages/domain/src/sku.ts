import * as z from 'zod/mini'

/** A merchant's article code, at most 64 characters: none of them means anything in a key, a path or a CSV cell. */
export const Sku = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/))
  .brand<'Sku'>()
export type Sku = z.infer<typeof Sku>

/** Whole units of one sku in one line or row. */
export const Quantity = z.int().check(z.minimum(1), z.maximum(1_000_000))
export type Quantity = z.infer<typeof Quantity>
