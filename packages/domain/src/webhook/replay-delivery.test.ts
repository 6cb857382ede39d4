import { describe, expect, test } from 'vitest'
import { EventId } from '../ids.ts'
import { aWebhookDesk } from './a-webhook-desk.ts'
import { disabled, enabled } from './webhook-endpoint.ts'

const withDelivery = async (status: number) => {
  const desk = aWebhookDesk()
  const { id: endpointId } = await desk.registered()
  const body = desk.anEvent('ord_1', 1)
  await desk.fanOut(body)
  desk.client.answer = () => ({ status })
  await desk.drain()
  desk.client.answer = () => ({ status: 204 })
  const eventId = EventId.parse(JSON.parse(body).id)
  const replay = () => desk.replay({ merchant: desk.shop, endpointId, eventId, cause: desk.cause })
  const relay = async () => {
    for (const event of desk.outbox.splice(0)) await desk.fanOut(JSON.stringify(event))
  }
  const stored = () => desk.deliveries.find(desk.shop, endpointId, eventId)
  return { desk, endpointId, eventId, body, replay, relay, stored }
}

describe('a replay', () => {
  test.each([
    ['delivered', 204],
    ['exhausted', 500],
  ])('sends a delivery that is %s again, with the same id and body', async (_, status) => {
    const { desk, body, replay, relay, stored } = await withDelivery(status)
    const before = desk.client.requests.length
    expect(await replay()).toMatchObject({
      ok: true,
      value: { replays: 1, state: { status: 'pending', tries: 0 } },
    })
    await relay()
    await desk.drain()
    expect(desk.client.requests).toHaveLength(before + 1)
    const [first, last] = [desk.client.requests[0], desk.client.requests.at(-1)]
    expect(last).toMatchObject({ id: first?.id, body })
    expect(await stored()).toMatchObject({ state: { status: 'delivered' }, replays: 1 })
  })

  test('can be asked for again and again; the newest twenty attempts are kept', async () => {
    const { desk, replay, relay, stored } = await withDelivery(500)
    for (let n = 1; n <= 15; n++) {
      await replay()
      await relay()
      await desk.drain()
    }
    const attempts = (await stored())?.attempts ?? []
    expect(attempts).toHaveLength(20)
    expect(attempts.at(-1)?.number).toBe(8 + 15)
    expect((await stored())?.replays).toBe(15)
  })

  test('of a delivery that is on its way changes nothing', async () => {
    const { desk, replay, relay } = await withDelivery(204)
    await replay()
    expect(await replay()).toMatchObject({ ok: true, value: { replays: 1 } })
    expect(desk.outbox).toHaveLength(1)
    await relay()
    await desk.drain()
    expect(desk.client.requests).toHaveLength(2)
  })

  test('asked for by many at once is one', async () => {
    const { desk, replay } = await withDelivery(204)
    await Promise.all([replay(), replay(), replay()])
    expect(desk.outbox).toHaveLength(1)
  })

  test('keeps the delivery for longer', async () => {
    const { desk, replay, stored } = await withDelivery(204)
    const before = (await stored())?.keepUntil ?? ''
    desk.clock.advance(30 * 86_400)
    await replay()
    expect(Date.parse((await stored())?.keepUntil ?? '') - Date.parse(before)).toBe(30 * 86_400_000)
  })

  test('to a disabled endpoint is refused until it is enabled', async () => {
    const { desk, endpointId, replay } = await withDelivery(500)
    await desk.endpoints.change(desk.shop, endpointId, () => disabled('gone', desk.clock.now()))
    expect(await replay()).toMatchObject({ refusal: { code: 'webhook_delivery.not_replayable' } })
    expect(desk.outbox).toEqual([])
    await desk.endpoints.change(desk.shop, endpointId, () => enabled)
    expect(await replay()).toMatchObject({ ok: true })
  })

  test('of what is not there is refused', async () => {
    const { desk, endpointId, eventId } = await withDelivery(204)
    const asked = { merchant: desk.shop, endpointId, eventId, cause: desk.cause }
    const noDelivery = { ...asked, eventId: desk.ids.next('evt') }
    const noEndpoint = { ...asked, endpointId: desk.ids.next('whk') }
    expect(await desk.replay(noDelivery)).toMatchObject({ refusal: { code: 'webhook_delivery.not_found' } })
    expect(await desk.replay(noEndpoint)).toMatchObject({ refusal: { code: 'webhook_endpoint.not_found' } })
    expect(await desk.list(desk.shop, noEndpoint.endpointId, { limit: 1 })).toMatchObject({
      refusal: { code: 'webhook_endpoint.not_found' },
    })
  })
})
