import * as z from 'zod/mini'

/** Query parameters of every list: how many at once, and where to go on. Spread into a strict query schema. */
export const pageQuery = {
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 50),
  /** What `next` of the page before held. */
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(2_048))),
}
