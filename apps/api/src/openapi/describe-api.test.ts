import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { makeApp } from '../app.ts'
import { pageQuery } from '../page-query.ts'
import { type RouteFacts, route } from '../route.ts'
import { routeTable } from '../route-table.ts'
import { scopes } from '../scope.ts'
import { unlimited } from '../unlimited.ts'
import { describeApi } from './describe-api.ts'

const Operation = z.looseObject({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string(), required: z.boolean() })),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
})
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
})
const describeAsRead = (routes: readonly RouteFacts[]) =>
  Document.parse(JSON.parse(JSON.stringify(describeApi(routes))))

const document = describeAsRead(routeTable)
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path}`,
    operation,
  })),
)

test('describes the routes that Hono has, and no others', () => {
  const unhandled = routeTable.map((route) => ({ ...route, handle: async () => ({ status: 204 }) }))
  const { routes } = makeApp(unhandled, undefined, { limiter: unlimited, onFailure: () => undefined })
  const registered = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  expect(operations.map(({ route }) => route).sort()).toEqual(registered.sort())
})

test('tells on every guarded route that a merchant may ask too often, and when to come again', () => {
  for (const { route, operation } of operations)
    for (const status of ['429', '503'])
      if (operation.security.length === 0) expect(operation.responses, route).not.toHaveProperty(status)
      else expect(operation.responses[status], route).toHaveProperty('headers.Retry-After')
})

test('asks for a scope everywhere but at a list of public routes', () => {
  const open = operations.filter(({ operation }) => operation.security.length === 0).map(({ route }) => route)
  expect(open).toEqual(['GET /health', 'GET /openapi.json'])
  for (const { operation } of operations)
    for (const scope of operation.security.flatMap((requirement) => requirement.accessToken ?? []))
      expect(Object.keys(scopes)).toContain(scope)
})

test('gives each operation an id of its own', () => {
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('declares every parameter of a path', () => {
  for (const { route, operation } of operations) {
    const declared = operation.parameters
      .filter((parameter) => parameter.in === 'path')
      .map(({ name }) => name)
    expect(declared, route).toEqual([...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
  }
})

test('refers to nothing that it does not hold', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target)
  expect(references.length).toBeGreaterThan(0)
  for (const target of references)
    expect(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)).toContain(
      target,
    )
})

test('is the same each time', () => {
  expect(JSON.stringify(describeApi(routeTable))).toBe(JSON.stringify(describeApi(routeTable)))
})

test('tells of a guarded, paged route what it takes and how it refuses', () => {
  const list = route({
    method: 'GET',
    path: '/letters',
    operationId: 'listLetters',
    summary: 'List letters',
    scope: 'orders:read',
    input: { query: z.strictObject({ ...pageQuery, to: z.string() }) },
    answers: { 200: { description: 'One page', schema: z.object({ items: z.array(z.string()) }) } },
    problems: ['order.not_found'],
  }).handle(async () => ({ status: 200, body: { items: [] } }))
  const operation = describeAsRead([list]).paths['/letters']?.get
  expect(operation?.security).toEqual([{ accessToken: ['orders:read'] }])
  expect(operation?.parameters.map(({ name, required }) => [name, required])).toEqual([
    ['limit', false],
    ['cursor', false],
    ['to', true],
  ])
  expect(Object.keys(operation?.responses ?? {})).toEqual([
    '200',
    '400',
    '401',
    '403',
    '404',
    '422',
    '429',
    '500',
    '503',
  ])
})
