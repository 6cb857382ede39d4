import type { OrderCancelledV1 } from './order-cancelled.v1.ts'
import type { OrderExpiredV1 } from './order-expired.v1.ts'
import type { OrderPaidV1 } from './order-paid.v1.ts'
import type { OrderPlacedV1 } from './order-placed.v1.ts'

export type OrderEvent = OrderPlacedV1 | OrderPaidV1 | OrderCancelledV1 | OrderExpiredV1
