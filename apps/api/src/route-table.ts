import type { Route } from './route.ts'
import { type DescriptionDeps, descriptionRoutes } from './routes/description.ts'
import { type HealthDeps, healthRoutes } from './routes/health.ts'

/** Everything that the routes of all slices need; http.handler.ts makes it once per execution environment. */
export type Deps = HealthDeps & DescriptionDeps

/** Every route of the API, in the order in which its description lists them. */
export const routeTable: readonly Route<Deps>[] = [...healthRoutes, ...descriptionRoutes]
