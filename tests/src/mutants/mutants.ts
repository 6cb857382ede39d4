import { adapterMutants } from './adapter-mutants.ts'
import { apiMutants } from './api-mutants.ts'
import { eventMutants } from './event-mutants.ts'
import type { Mutant } from './mutant.ts'
import { templateMutants } from './template-mutants.ts'
import { webhookMutants } from './webhook-mutants.ts'

/** Every guard that Stryker does not reach, taken away by hand. */
export const mutants: readonly Mutant[] = [
  ...adapterMutants,
  ...apiMutants,
  ...eventMutants,
  ...webhookMutants,
  ...templateMutants,
]
