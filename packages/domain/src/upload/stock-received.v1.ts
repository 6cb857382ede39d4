import * as z from 'zod/mini'
import { event } from '../events/event.ts'
import { Sku } from '../sku.ts'

/** One transaction's worth of a delivery reached the stock. Its subject is the part, `upl_…/00001/00001`, so that parts need no common counter. */
export const StockReceivedV1 = event(
  'stock.received.v1',
  z.object({
    uploadId: z.string(),
    items: z.array(z.object({ sku: Sku, quantity: z.int().check(z.minimum(1)) })).check(z.minLength(1)),
  }),
)
export type StockReceivedV1 = z.infer<typeof StockReceivedV1>
