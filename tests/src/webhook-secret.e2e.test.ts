import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { uploadDelivery } from '@stockroom/ops/demo/upload-delivery'
import { type LocalStage, startLocalStage } from '@stockroom/ops/local/local-stage'
import { verifyWebhook, type WebhookHeaders } from '@stockroom/ops/webhook/verify-webhook'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Api, anApi, keyed } from './api/an-api.ts'

/** A change of secrets on the local cloud: API, roles, KMS and sender are the real ones, the subscriber is here. */
let local: LocalStage
let api: Api
let subscriber: Server
/** The webhook that is waited for. */
let arrival = Promise.withResolvers<{ readonly headers: WebhookHeaders; readonly body: Buffer }>()

beforeAll(async () => {
  subscriber = createServer(async (request, response) => {
    const body = await buffer(request)
    response.writeHead(204).end()
    const text = (name: keyof WebhookHeaders) => String(request.headers[name])
    const headers = {
      'webhook-id': text('webhook-id'),
      'webhook-timestamp': text('webhook-timestamp'),
      'webhook-signature': text('webhook-signature'),
    }
    arrival.resolve({ headers, body })
  }).listen(0, '127.0.0.1')
  await once(subscriber, 'listening')
  local = await startLocalStage()
  api = await anApi(local)
})
afterAll(async () => {
  await local.close()
  subscriber.close()
})

it('is signed for by both secrets, and by the new one alone once the old one is given up', async () => {
  const url = `http://127.0.0.1:${(subscriber.address() as AddressInfo).port}/`
  const eventTypes = ['order.placed.v1']
  const { body: first } = await api.call('POST', '/webhook-endpoints', {
    headers: keyed(),
    body: { url, eventTypes },
  })
  await uploadDelivery(local.target.api('acme'), {
    filename: 'first.csv',
    csv: 'sku,name,quantity,unit_price\nMUG,Mug,100,2.50\n',
    currency: 'EUR',
  })
  const rotate = async (body: object) => {
    const rotated = await api.call('POST', `/webhook-endpoints/${first.id}/secret-rotation`, {
      headers: keyed(),
      body,
    })
    expect(rotated.status).toBe(200)
    return rotated.body.secret
  }
  /** Whose of the secrets make the webhook of the next order genuine. */
  const genuineFor = async (...secrets: readonly string[]) => {
    arrival = Promise.withResolvers()
    expect((await api.place([{ sku: 'MUG', quantity: 1 }])).status).toBe(201)
    const { headers, body } = await arrival.promise
    return secrets.map((secret) => verifyWebhook(secret, headers, body).genuine)
  }

  expect(await genuineFor(first.secret)).toEqual([true])
  const second = await rotate({})
  expect(await genuineFor(first.secret, second)).toEqual([true, true])
  const third = await rotate({ overlapSeconds: 0 })
  expect(await genuineFor(first.secret, second, third)).toEqual([false, false, true])
}, 120_000)
