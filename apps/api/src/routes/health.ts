import * as z from 'zod/mini'
import { publicRoute, type Route } from '../route.ts'

export interface HealthDeps {
  readonly stage: string
}

/** Says that the function runs and of which stage it is. Asks nothing else, so that a monitor cannot load the stores. */
const getHealth = publicRoute({
  method: 'GET',
  path: '/health',
  operationId: 'getHealth',
  summary: 'Is the API up?',
  input: {},
  answers: {
    200: {
      description: 'It is.',
      schema: z.object({ status: z.literal('ok'), stage: z.string() }),
      example: { status: 'ok', stage: 'production' },
    },
  },
  problems: [],
}).handle(async (_request, { stage }: HealthDeps) => ({ status: 200, body: { status: 'ok', stage } }))

export const healthRoutes = [getHealth] satisfies readonly Route<HealthDeps>[]
