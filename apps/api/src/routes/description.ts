import * as z from 'zod/mini'
import { publicRoute, type Route } from '../route.ts'

export interface DescriptionDeps {
  /** The OpenAPI document that the build wrote. */
  readonly readDescription: () => Promise<Record<string, unknown>>
}

/** The API's own description: the same document from which infra makes API Gateway's routes. */
const getDescription = publicRoute({
  method: 'GET',
  path: '/openapi.json',
  operationId: 'getDescription',
  summary: 'This document',
  input: {},
  answers: { 200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) } },
  problems: [],
}).handle(async (_request, { readDescription }: DescriptionDeps) => ({
  status: 200,
  body: await readDescription(),
}))

export const descriptionRoutes = [getDescription] satisfies readonly Route<DescriptionDeps>[]
