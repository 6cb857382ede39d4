import * as z from 'zod/mini'
import { OrderCancelledV1 } from '../order/order-cancelled.v1.ts'
import { OrderExpiredV1 } from '../order/order-expired.v1.ts'
import { OrderPaidV1 } from '../order/order-paid.v1.ts'
import { OrderPlacedV1 } from '../order/order-placed.v1.ts'
import { StockReceivedV1 } from '../upload/stock-received.v1.ts'
import { UploadImportedV1 } from '../upload/upload-imported.v1.ts'
import { UploadPlannedV1 } from '../upload/upload-planned.v1.ts'
import { UploadRefusedV1 } from '../upload/upload-refused.v1.ts'

/** Every event that leaves Stockroom, by its CloudEvents type. */
export const eventCatalogue = {
  'order.placed.v1': OrderPlacedV1,
  'order.paid.v1': OrderPaidV1,
  'order.cancelled.v1': OrderCancelledV1,
  'order.expired.v1': OrderExpiredV1,
  'stock.received.v1': StockReceivedV1,
  'upload.planned.v1': UploadPlannedV1,
  'upload.imported.v1': UploadImportedV1,
  'upload.refused.v1': UploadRefusedV1,
} satisfies { [T in StockroomEvent['type']]: z.core.$ZodType<Extract<StockroomEvent, { type: T }>> }

/** Any event of the catalogue; parse with it on write and on read. */
export const StockroomEvent = z.discriminatedUnion('type', [
  OrderPlacedV1,
  OrderPaidV1,
  OrderCancelledV1,
  OrderExpiredV1,
  StockReceivedV1,
  UploadPlannedV1,
  UploadImportedV1,
  UploadRefusedV1,
])
export type StockroomEvent = z.infer<typeof StockroomEvent>
export type EventType = StockroomEvent['type']
