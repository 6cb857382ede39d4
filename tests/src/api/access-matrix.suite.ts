import { allScopes } from '@stockroom/ops/local/scopes'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { type Api, keyed } from './an-api.ts'

const Description = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        security: z.array(z.record(z.string(), z.array(z.string()))),
        parameters: z.array(z.object({ name: z.string(), in: z.string() })),
      }),
    ),
  ),
})

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  /** None on a public route. */
  readonly scope: string | undefined
  readonly keyed: boolean
}

const operationsOf = (description: unknown): Operation[] =>
  Object.entries(Description.parse(description).paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security, parameters }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
      scope: security.flatMap(({ accessToken = [] }) => accessToken)[0],
      keyed: parameters.some(({ name }) => name === 'Idempotency-Key'),
    })),
  )

/** A body that each command accepts. */
const bodies: Readonly<Record<string, unknown>> = {
  placeOrder: { lines: [{ sku: 'MUG', quantity: 1 }] },
  payOrder: { amount: 250, currency: 'EUR', reference: 'card' },
  requestUpload: { filename: 'a.csv', currency: 'EUR' },
  registerWebhookEndpoint: { url: 'https://127.0.0.1:8443/hook' },
  rotateWebhookSecret: {},
}
/** What a merchant may do that has nothing: begin, and read what it has. */
const withoutAnId = [
  'registerWebhookEndpoint',
  'requestUpload',
  'listOrders',
  'listProducts',
  'listWebhookEndpoints',
]

/** Every route, asked by everybody who may not: made from the API's own description, so that a new route is in it. */
export const accessMatrix = (api: () => Api) =>
  describe('each route of the API', () => {
    let operations: readonly Operation[]
    let ours: Readonly<Record<string, string>>

    /** The path with acme's own ids in it. @throws Error for a parameter that this matrix has nothing to put for. */
    const pathOf = ({ path }: Operation): string =>
      path.replaceAll(/\{(\w+)\}/g, (name) => {
        const id = ours[`${path.split('/')[1]} ${name}`] ?? ours[name]
        if (id === undefined) throw new Error(`${path}: nothing of acme's to put for ${name}`)
        return id
      })
    const ask = (operation: Operation, token: string) => {
      const body = bodies[operation.id]
      return api().call(operation.method, pathOf(operation), {
        token,
        headers: operation.keyed ? keyed() : {},
        ...(body === undefined ? {} : { body }),
      })
    }
    const guarded = () => operations.filter(({ scope }) => scope !== undefined)

    beforeAll(async () => {
      const { call, place, local } = api()
      operations = operationsOf((await call('GET', '/openapi.json', { token: '' })).body)
      const url = local.receiver.urlOf('matrix')
      const endpoint = await call('POST', '/webhook-endpoints', { headers: keyed(), body: { url } })
      local.receiver.trust('matrix', endpoint.body.secret)
      api().secrets.add(endpoint.body.secret)
      const order = await place([{ sku: 'MUG', quantity: 1 }])
      const upload = await call('POST', '/uploads', { headers: keyed(), body: bodies.requestUpload })
      const deliveries = `/webhook-endpoints/${endpoint.body.id}/deliveries`
      const eventId: string = await vi.waitFor(
        async () => {
          const [delivery] = (await call('GET', deliveries)).body.items
          expect(delivery?.status).toBe('delivered')
          return delivery.eventId
        },
        { timeout: 30_000, interval: 100 },
      )
      ours = {
        'orders {id}': order.body.id,
        'uploads {id}': upload.body.id,
        'webhook-endpoints {id}': endpoint.body.id,
        '{eventId}': eventId,
        '{sku}': 'MUG',
        '{date}': '2026-11-22',
      }
    })

    it('is refused without a token, unless it is public', async () => {
      expect(operations.length).toBeGreaterThan(15)
      for (const operation of operations) {
        const { status } = await ask(operation, '')
        expect([operation.id, status]).toEqual([operation.id, operation.scope === undefined ? 200 : 401])
      }
    })

    it('is refused with every scope but its own', async () => {
      for (const operation of guarded()) {
        const token = await api().issue({ scopes: allScopes.filter((scope) => scope !== operation.scope) })
        expect([operation.id, (await ask(operation, token)).status]).toEqual([operation.id, 403])
      }
    })

    it("finds nothing of acme's for another merchant, with every scope and acme's own ids", async () => {
      const stranger = await api().issue({ merchant: 'initech' })
      const id = Object.values(ours).filter((value) => /^[a-z]{3}_/.test(value))
      const passed: string[] = []
      for (const operation of guarded()) {
        const { status, text } = await ask(operation, stranger)
        if (status < 300) passed.push(operation.id)
        else expect([operation.id, status]).toEqual([operation.id, operation.id === 'placeOrder' ? 422 : 404])
        // A refusal may repeat the id that it was asked for.
        const told = text.replaceAll(pathOf(operation).split('/')[2] ?? '', '')
        expect(id.filter((one) => told.includes(one))).toEqual([])
      }
      expect(passed.toSorted()).toEqual(withoutAnId.toSorted())
    })
  })
