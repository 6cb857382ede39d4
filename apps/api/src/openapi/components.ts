import { Money } from '@stockroom/domain/money'
import type * as z from 'zod/mini'
import { ProblemDetails } from '../problem.ts'

/** Schemas that the description names once and refers to; all others are written where they are used. */
export const components: Readonly<Record<string, z.core.$ZodType>> = {
  Problem: ProblemDetails,
  Money,
}
