import { describe, expect, test } from 'vitest'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import { aWebhookDesk } from './a-webhook-desk.ts'
import { mostEndpoints } from './webhook-endpoint.ts'

const registering = (desk: ReturnType<typeof aWebhookDesk>, key = 'k', overrides = {}) => ({
  merchant: desk.shop,
  url: 'https://shop.example/hook',
  request: aKeyedRequest(desk.shop, key, { route: 'POST /webhook-endpoints', ...overrides }),
})

describe('a registration', () => {
  test('shows the secret that signs, and stores it sealed for its endpoint only', async () => {
    const desk = aWebhookDesk()
    const { outcome } = await desk.register({ ...registering(desk), eventTypes: ['order.paid.v1'] })
    if (!outcome.ok) throw new Error(outcome.refusal.detail)
    const { id, secret, ...rest } = outcome.value
    expect(rest).toEqual({
      url: 'https://shop.example/hook',
      eventTypes: ['order.paid.v1'],
      createdAt: desk.clock.now().toISOString(),
    })
    expect(secret).toMatch(/^whsec_/)
    const sealed = (await desk.endpoints.find(desk.shop, id))?.sealedSecrets ?? []
    expect(sealed).toHaveLength(1)
    expect(sealed[0]).not.toBe(secret)
    const owner = { merchant: desk.shop, endpointId: id }
    expect(await desk.ports.secrets.open(sealed[0] ?? '', owner)).toBe(secret)
    const other = { ...owner, endpointId: desk.ids.next('whk') }
    await expect(desk.ports.secrets.open(sealed[0] ?? '', other)).rejects.toThrow()
  })

  test('repeated, also many times at once, is one endpoint and one answer, secret included', async () => {
    const desk = aWebhookDesk()
    const first = await desk.register(registering(desk))
    const repeats = await Promise.all(Array.from({ length: 10 }, () => desk.register(registering(desk))))
    for (const repeat of repeats) expect(repeat).toEqual({ ...first, replayed: true })
    expect(await desk.endpoints.list(desk.shop)).toHaveLength(1)
  })

  test('with another body under the same key is refused', async () => {
    const desk = aWebhookDesk()
    await desk.register(registering(desk))
    expect(await desk.register(registering(desk, 'k', { fingerprint: 'b'.repeat(64) }))).toMatchObject({
      outcome: { refusal: { code: 'idempotency.key_reused' } },
    })
  })

  test('of a URL that may not be called is refused with the reason, and makes no secret', async () => {
    const desk = aWebhookDesk()
    desk.refuseTargets('The host must have public addresses only')
    expect((await desk.register(registering(desk))).outcome).toEqual({
      ok: false,
      refusal: { code: 'webhook_endpoint.url_refused', detail: 'The host must have public addresses only' },
    })
    expect(await desk.endpoints.list(desk.shop)).toEqual([])
  })

  test('beyond the most endpoints is refused', async () => {
    const desk = aWebhookDesk()
    for (let n = 0; n < mostEndpoints; n++) await desk.registered()
    expect((await desk.register(registering(desk))).outcome).toMatchObject({
      refusal: { code: 'webhook_endpoint.too_many' },
    })
  })
})
