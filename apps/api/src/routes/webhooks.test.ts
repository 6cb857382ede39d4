import { createHash } from 'node:crypto'
import { aWebhookDesk } from '@stockroom/domain/webhook/a-webhook-desk'
import { disabled } from '@stockroom/domain/webhook/webhook-endpoint'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { makeApp } from '../app.ts'
import { makeCursors } from '../cursor.ts'
import { scopes } from '../scope.ts'
import { unlimited } from '../unlimited.ts'
import { DeliveryView, EndpointView, exampleDelivery, exampleEndpoint } from './webhook-view.ts'
import { webhookRoutes } from './webhooks.ts'

const url = 'https://shop.example/hook'

const anApi = () => {
  const desk = aWebhookDesk()
  const app = makeApp(
    webhookRoutes,
    {
      registerEndpoint: desk.register,
      rotateSecret: desk.rotate,
      listDeliveries: desk.list,
      replayDelivery: desk.replay,
      webhookEndpoints: desk.endpoints,
      webhookRegistry: desk.endpoints,
      cursors: makeCursors(async () => createHash('sha256').update('test').digest()),
    },
    {
      limiter: unlimited,
      onFailure: (error) => {
        throw error
      },
    },
  )
  const call = async (
    method: string,
    path: string,
    { body, key, merchant = desk.shop }: { body?: unknown; key?: string; merchant?: string } = {},
  ) => {
    const response = await app.request(
      path,
      {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(key !== undefined && { 'idempotency-key': key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
      {
        routeKey: `${method} …`,
        claims: { merchant_id: merchant, client_id: 'till-1', scope: Object.keys(scopes).join(' ') },
        cause: desk.cause,
      },
    )
    const text = await response.text()
    const { status, headers } = response
    return { status, headers, text, body: text === '' ? undefined : JSON.parse(text) }
  }
  const registered = async () => {
    const { body } = await call('POST', '/webhook-endpoints', { key: 'registered', body: { url } })
    return { id: body.id, secret: body.secret, path: `/webhook-endpoints/${body.id}` }
  }
  return { desk, call, registered }
}

describe('an endpoint', () => {
  test('is registered, listed without its secret, deleted and gone', async () => {
    const { call } = anApi()
    const eventTypes = ['order.paid.v1']
    const created = await call('POST', '/webhook-endpoints', { key: 'k', body: { url, eventTypes } })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe(`/webhook-endpoints/${created.body.id}/deliveries`)
    const { secret, ...rest } = created.body
    expect(secret).toMatch(/^whsec_/)
    const listed = await call('GET', '/webhook-endpoints')
    expect(listed.body).toEqual({ items: [{ ...rest, status: 'enabled' }] })
    expect(listed.text).not.toContain('whsec_')

    const path = `/webhook-endpoints/${rest.id}`
    expect((await call('DELETE', path)).status).toBe(204)
    expect((await call('DELETE', path)).body.code).toBe('webhook_endpoint.not_found')
    expect((await call('GET', '/webhook-endpoints')).body).toEqual({ items: [] })
  })

  test('registered again under its key is the same to the byte, secret included', async () => {
    const { call } = anApi()
    const register = () => call('POST', '/webhook-endpoints', { key: 'k', body: { url } })
    const [first, second] = [await register(), await register()]
    expect([second.status, second.text]).toEqual([201, first.text])
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    const reused = await call('POST', '/webhook-endpoints', { key: 'k', body: { url: `${url}/2` } })
    expect(reused.body.code).toBe('idempotency.key_reused')
    expect((await call('POST', '/webhook-endpoints', { body: { url } })).body.code).toBe(
      'idempotency.key_missing',
    )
  })

  test.each([
    { url: 'not a url' },
    { url: `https://shop.example/${'x'.repeat(2_048)}` },
    { url, eventTypes: [] },
    { url, eventTypes: ['order.shipped.v1'] },
    { url, eventTypes: ['webhook.replay_requested.v1'] },
    { url, secret: 'whsec_mine' },
    {},
  ])('is not registered with %j', async (body) => {
    const { call } = anApi()
    const refused = await call('POST', '/webhook-endpoints', { key: 'k', body })
    expect([refused.status, refused.body.code]).toEqual([422, 'request.invalid'])
  })

  test('whose URL may not be called is refused with the reason', async () => {
    const { desk, call } = anApi()
    desk.refuseTargets('The host must have public addresses only')
    const refused = await call('POST', '/webhook-endpoints', { key: 'k', body: { url } })
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      422,
      'webhook_endpoint.url_refused',
      'The host must have public addresses only',
    ])
  })

  test('that fails tells so, and one that is disabled is enabled again', async () => {
    const { desk, call, registered } = anApi()
    const { id, path } = await registered()
    const state = async () => (await call('GET', '/webhook-endpoints')).body.items[0]
    for (let n = 0; n < 5; n++) await desk.fanOut(desk.anEvent(`ord_${n}`, 1))
    desk.client.answer = () => ({ status: 500 })
    await desk.drain(0)
    expect(await state()).toMatchObject({
      status: 'enabled',
      failing: { failures: 5, since: '2026-11-23T09:00:00.000Z', until: '2026-11-23T09:01:00.000Z' },
    })

    await desk.endpoints.change(desk.shop, id, () => disabled('gone', desk.clock.now()))
    expect(await state()).toMatchObject({ status: 'disabled', reason: 'gone' })
    const enabled = await call('POST', `${path}/enable`)
    expect([enabled.status, enabled.body]).toEqual([200, await state()])
    expect(enabled.body.status).toBe('enabled')
  })

  test('gets a new secret that is shown to who asked and nowhere else', async () => {
    const { call, registered } = anApi()
    const { id, path, secret: first } = await registered()
    const rotate = (body: unknown, key = 'rotate') => call('POST', `${path}/secret-rotation`, { key, body })
    const rotated = await rotate({})
    expect([rotated.status, rotated.body]).toEqual([
      200,
      { id, secret: expect.stringMatching(/^whsec_/), olderSecretsEndAt: '2026-11-24T09:00:00.000Z' },
    ])
    expect(rotated.body.secret).not.toBe(first)
    const repeated = await rotate({})
    expect([repeated.text, repeated.headers.get('idempotency-replayed')]).toEqual([rotated.text, 'true'])
    const listed = await call('GET', '/webhook-endpoints')
    expect(listed.body.items).toMatchObject([{ id, olderSecretsEndAt: '2026-11-24T09:00:00.000Z' }])
    expect(listed.text).not.toContain('whsec_')

    expect((await rotate({ overlapSeconds: 0 }, 'leaked')).body.olderSecretsEndAt).toBe(
      '2026-11-23T09:00:00.000Z',
    )
    for (const overlapSeconds of [-1, 0.5, 604_801, '60'])
      expect((await rotate({ overlapSeconds }, 'wrong')).body.code).toBe('request.invalid')
    expect((await call('POST', `${path}/secret-rotation`, { body: {} })).body.code).toBe(
      'idempotency.key_missing',
    )
  })

  test('of another merchant is as unknown as one that does not exist', async () => {
    const { desk, call, registered } = anApi()
    const { path } = await registered()
    const body = desk.anEvent('ord_1', 1)
    await desk.fanOut(body)
    await desk.drain()
    const merchant = 'other-shop'
    expect((await call('GET', '/webhook-endpoints', { merchant })).body).toEqual({ items: [] })
    for (const [method, to] of [
      ['DELETE', path],
      ['POST', `${path}/enable`],
      ['GET', `${path}/deliveries`],
      ['POST', `${path}/deliveries/${JSON.parse(body).id}/replay`],
    ] as const) {
      const answer = await call(method, to, { merchant })
      expect([answer.status, answer.body.code], to).toEqual([404, 'webhook_endpoint.not_found'])
    }
    const rotation = await call('POST', `${path}/secret-rotation`, { merchant, key: 'k', body: {} })
    expect(rotation.body.code).toBe('webhook_endpoint.not_found')
  })
})

describe('deliveries', () => {
  test('are listed with their attempts, newest first, page by page', async () => {
    const { desk, call, registered } = anApi()
    const { path } = await registered()
    const bodies = [desk.anEvent('ord_1', 1), desk.anEvent('ord_2', 1), desk.anEvent('ord_3', 1)]
    for (const body of bodies) await desk.fanOut(body)
    let requests = 0
    desk.client.answer = () => (++requests === 1 ? { failure: 'timed_out' } : { status: 204 })
    await desk.drain()

    const first = (await call('GET', `${path}/deliveries?limit=2`)).body
    const rest = (await call('GET', `${path}/deliveries?limit=2&cursor=${first.next}`)).body
    const ids = bodies.map((body) => JSON.parse(body).id)
    expect([...first.items, ...rest.items].map(({ eventId }) => eventId)).toEqual(ids.toReversed())
    expect(rest.next).toBeUndefined()
    expect(rest.items[0]).toEqual({
      eventId: ids[0],
      eventType: 'order.cancelled.v1',
      subject: 'ord_1',
      createdAt: '2026-11-23T09:00:00.000Z',
      status: 'delivered',
      deliveredAt: '2026-11-23T09:00:05.000Z',
      replays: 0,
      attempts: [
        { number: 1, at: '2026-11-23T09:00:00.000Z', durationMs: 0, failure: 'timed_out' },
        { number: 2, at: '2026-11-23T09:00:05.000Z', durationMs: 0, status: 204 },
      ],
    })
  })

  test('are replayed on request', async () => {
    const { desk, call, registered } = anApi()
    const { path } = await registered()
    const body = desk.anEvent('ord_1', 1)
    await desk.fanOut(body)
    await desk.drain()
    const replay = await call('POST', `${path}/deliveries/${JSON.parse(body).id}/replay`)
    expect([replay.status, replay.body.status, replay.body.replays]).toEqual([202, 'pending', 1])
    expect(desk.outbox).toMatchObject([
      { correlationid: desk.cause.correlationId, type: 'webhook.replay_requested.v1' },
    ])
    const unknown = await call('POST', `${path}/deliveries/${desk.ids.next('evt')}/replay`)
    expect([unknown.status, unknown.body.code]).toEqual([404, 'webhook_delivery.not_found'])
  })
})

test('the examples are what they say', () => {
  expect(z.parse(EndpointView, exampleEndpoint)).toEqual(exampleEndpoint)
  expect(z.parse(DeliveryView, exampleDelivery)).toEqual(exampleDelivery)
})
