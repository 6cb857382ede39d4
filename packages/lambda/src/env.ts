import type * as z from 'zod/mini'
import { parseEnvironment } from './environment.ts'

/** What one function is configured with; each asks for its own variables and no others. @throws Error as `parseEnvironment` does. */
export const environment = <S extends z.core.$ZodType>(schema: S): z.output<S> =>
  parseEnvironment(schema, process.env)

/** X-Ray's header of the running invocation; Lambda's runtime sets it anew for each. */
export const xrayHeader = (): string | undefined => process.env._X_AMZN_TRACE_ID
