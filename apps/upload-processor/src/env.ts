import { parseEnvironment } from '@stockroom/lambda/environment'
import type * as z from 'zod/mini'

/** What one function of this app needs of its environment; each asks for its own variables and no others. */
export const environment = <S extends z.core.$ZodType>(schema: S): z.output<S> =>
  parseEnvironment(schema, process.env)
