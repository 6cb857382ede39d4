import { describe, expect, test } from 'vitest'
import { EventId } from '../ids.ts'
import { aWebhookDesk, type WebhookPorts } from './a-webhook-desk.ts'
import type { WebhookAnswer } from './webhook-client.ts'

class Killed extends Error {}

/**
 * The ports, but the process dies at the `nth` call: `before` it has its effect, or `after`, when only the answer is lost.
 * From then on every call is refused: the dead make no more.
 */
const dyingAt = (ports: WebhookPorts, nth: number, when: 'before' | 'after') => {
  let calls = 0
  const guard = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          calls += 1
          if (calls > nth || (calls === nth && when === 'before')) throw new Killed()
          const result = await Reflect.apply(member, target, args)
          if (calls === nth) throw new Killed()
          return result
        }
      },
    })
  const { endpoints, deliveries, replays, cursors, queue, secrets, client } = ports
  return {
    died: () => calls >= nth,
    ports: {
      endpoints: guard(endpoints),
      deliveries: guard(deliveries),
      replays: guard(replays),
      cursors: guard(cursors),
      queue: guard(queue),
      secrets: guard(secrets),
      client: guard(client),
    } satisfies WebhookPorts,
  }
}

/** Kills a run at every call in turn, before and after its effect, until one run makes fewer calls than that. */
const atEveryCall = async (run: (nth: number, when: 'before' | 'after') => Promise<{ died: boolean }>) => {
  let crashes = 0
  for (const when of ['before', 'after'] as const)
    for (let nth = 1; ; nth++) {
      if (!(await run(nth, when)).died) break
      crashes += 1
    }
  return crashes
}

const survive = async (work: Promise<unknown>) => {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Killed)) throw error
  }
}

describe('a fan-out that is killed at any call, and repeated', () => {
  test.each([
    ['at once', 1],
    ['after SQS forgot the deduplication', 3_600],
  ])('%s, makes each delivery once and sends each event once, in order', async (_, pause) => {
    const crashes = await atEveryCall(async (nth, when) => {
      const desk = aWebhookDesk()
      const endpoints = [
        await desk.registered('https://a.example/'),
        await desk.registered('https://b.example/'),
      ]
      const bodies = [desk.anEvent('ord_1', 1), desk.anEvent('ord_1', 2)]
      const dying = dyingAt(desk.ports, nth, when)
      for (const body of bodies) await survive(desk.fanOut(body, dying.ports))
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
      return { died: dying.died() }
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
      const crashes = await atEveryCall(async (nth, when) => {
        const desk = aWebhookDesk()
        const { id } = await desk.registered()
        const body = desk.anEvent('ord_1', 1)
        await desk.fanOut(body)
        const dying = dyingAt(desk.ports, nth, when)
        desk.client.answer = () => first
        await survive(desk.drain(0, dying.ports))
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
        return { died: dying.died() }
      })
      expect(crashes).toBeGreaterThanOrEqual(2 * 5)
    },
  )
})

describe('a replay that is killed at any call', () => {
  test('either never was, or is sent', async () => {
    await atEveryCall(async (nth, when) => {
      const desk = aWebhookDesk()
      const { id: endpointId } = await desk.registered()
      const body = desk.anEvent('ord_1', 1)
      await desk.fanOut(body)
      await desk.drain()
      const eventId = EventId.parse(JSON.parse(body).id)
      const { makeReplayDelivery } = await import('./replay-delivery.ts')
      const dying = dyingAt(desk.ports, nth, when)
      const replay = makeReplayDelivery({ ...dying.ports, ids: desk.ids, clock: desk.clock })
      await survive(replay({ merchant: desk.shop, endpointId, eventId, cause: desk.cause }))

      for (const event of desk.outbox) {
        const dyingFanOut = dyingAt(desk.ports, 1, when)
        await survive(desk.fanOut(JSON.stringify(event), dyingFanOut.ports))
        await desk.fanOut(JSON.stringify(event))
      }
      await desk.drain()
      const { items } = await desk.deliveries.page(desk.shop, endpointId, { limit: 9 })
      expect(items).toMatchObject([{ state: { status: 'delivered' }, replays: desk.outbox.length }])
      expect(desk.client.requests).toHaveLength(1 + desk.outbox.length)
      return { died: dying.died() }
    })
  })
})
