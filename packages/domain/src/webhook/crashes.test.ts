import { describe, expect, test } from 'vitest'
import { EventId } from '../ids.ts'
import { atEveryCall, dyingAt, survive, watchedPorts } from '../watched-ports.ts'
import { aWebhookDesk } from './a-webhook-desk.ts'
import type { WebhookAnswer } from './webhook-client.ts'

describe('a fan-out that is killed at any call, and repeated', () => {
  test.each([
    ['at once', 1],
    ['after SQS forgot the deduplication', 3_600],
  ])('%s, makes each delivery once and sends each event once, in order', async (_, pause) => {
    const crashes = await atEveryCall(async (dying) => {
      const desk = aWebhookDesk()
      const endpoints = [
        await desk.registered('https://a.example/'),
        await desk.registered('https://b.example/'),
      ]
      const bodies = [desk.anEvent('ord_1', 1), desk.anEvent('ord_1', 2)]
      const dyingPorts = watchedPorts(desk.ports, dying.around)
      for (const body of bodies) await survive(desk.fanOut(body, dyingPorts))
      desk.clock.advance(pause)
      // The queue repeats what was not acknowledged; after a crash before the acknowledgement that is everything.
      for (const body of bodies) await desk.fanOut(body)
      await desk.drain()

      for (const { id, url } of endpoints) {
        expect((await desk.deliveries.page(desk.shop, id, { limit: 9 })).items).toMatchObject([
          { state: { status: 'delivered' }, attempts: [{ number: 1 }] },
          { state: { status: 'delivered' }, attempts: [{ number: 1 }] },
        ])
        const sent = desk.client.requests.filter((request) => request.url === url)
        expect(sent.map(({ body }) => body)).toEqual(bodies)
      }
      expect(await desk.ports.cursors.last(desk.shop, 'ord_1')).toBe(2)
      expect(desk.queue.length).toBe(0)
    })
    expect(crashes).toBeGreaterThanOrEqual(2 * 2 * 7)
  })
})

describe('a delivery that is killed at any call, and repeated', () => {
  test.each<[string, WebhookAnswer, string]>([
    ['delivered', { status: 204 }, 'delivered'],
    ['refused for a while', { status: 503 }, 'delivered'],
    ['gone', { status: 410 }, 'stopped'],
  ])(
    'when the receiver answers %s, ends as it should, and the receiver sees one id',
    async (_, first, end) => {
      const crashes = await atEveryCall(async (dying) => {
        const desk = aWebhookDesk()
        const { id } = await desk.registered()
        const body = desk.anEvent('ord_1', 1)
        await desk.fanOut(body)
        const dyingPorts = watchedPorts(desk.ports, dying.around)
        desk.client.answer = () => first
        await survive(desk.drain(0, dyingPorts))
        if (end !== 'stopped') desk.client.answer = () => ({ status: 204 })
        await desk.drain()

        const { items } = await desk.deliveries.page(desk.shop, id, { limit: 9 })
        expect(items).toMatchObject([{ state: { status: end } }])
        const requests = desk.client.requests
        expect(new Set(requests.map((request) => request.id))).toEqual(
          new Set([EventId.parse(JSON.parse(body).id)]),
        )
        // A request whose outcome was not recorded is made once more; none is made without need.
        expect(requests.length).toBeGreaterThanOrEqual(1)
        expect(requests.length).toBeLessThanOrEqual(3)
        const state = (await desk.endpoints.find(desk.shop, id))?.state
        expect(state?.status).toBe(end === 'stopped' ? 'disabled' : 'enabled')
      })
      expect(crashes).toBeGreaterThanOrEqual(2 * 5)
    },
  )
})

describe('a replay that is killed at any call', () => {
  test('either never was, or is sent', async () => {
    await atEveryCall(async (dying) => {
      const desk = aWebhookDesk()
      const { id: endpointId } = await desk.registered()
      const body = desk.anEvent('ord_1', 1)
      await desk.fanOut(body)
      await desk.drain()
      const eventId = EventId.parse(JSON.parse(body).id)
      const { makeReplayDelivery } = await import('./replay-delivery.ts')
      const dyingPorts = watchedPorts(desk.ports, dying.around)
      const replay = makeReplayDelivery({ ...dyingPorts, ids: desk.ids, clock: desk.clock })
      await survive(replay({ merchant: desk.shop, endpointId, eventId, cause: desk.cause }))

      for (const event of desk.outbox) {
        const dyingFanOut = watchedPorts(desk.ports, dyingAt(1, dying.when).around)
        await survive(desk.fanOut(JSON.stringify(event), dyingFanOut))
        await desk.fanOut(JSON.stringify(event))
      }
      await desk.drain()
      const { items } = await desk.deliveries.page(desk.shop, endpointId, { limit: 9 })
      expect(items).toMatchObject([{ state: { status: 'delivered' }, replays: desk.outbox.length }])
      expect(desk.client.requests).toHaveLength(1 + desk.outbox.length)
    })
  })
})
