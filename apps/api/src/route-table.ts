import type { Route } from './route.ts'
import { type DescriptionDeps, descriptionRoutes } from './routes/description.ts'
import { type HealthDeps, healthRoutes } from './routes/health.ts'
import { type OrderDeps, orderRoutes } from './routes/orders.ts'
import { type ProductDeps, productRoutes } from './routes/products.ts'
import { type ReportDeps, reportRoutes } from './routes/reports.ts'
import { type UploadDeps, uploadRoutes } from './routes/uploads.ts'
import { type WebhookDeps, webhookRoutes } from './routes/webhooks.ts'

/** Everything that the routes of all slices need; http.handler.ts makes it once per execution environment. */
export type Deps = HealthDeps &
  DescriptionDeps &
  OrderDeps &
  ProductDeps &
  ReportDeps &
  UploadDeps &
  WebhookDeps

/** Every route of the API, in the order in which its description lists them. */
export const routeTable: readonly Route<Deps>[] = [
  ...uploadRoutes,
  ...productRoutes,
  ...orderRoutes,
  ...reportRoutes,
  ...webhookRoutes,
  ...healthRoutes,
  ...descriptionRoutes,
]
