import { describe, expect, test } from 'vitest'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import { EventId, WebhookEndpointId } from '../ids.ts'
import { aWebhookDesk } from './a-webhook-desk.ts'
import type { WebhookAnswer } from './webhook-client.ts'
import { disabled, enabled } from './webhook-endpoint.ts'

type Desk = ReturnType<typeof aWebhookDesk>
const eventIdOf = (body: string) => EventId.parse(JSON.parse(body).id)
const only = async (desk: Desk, endpointId: WebhookEndpointId) => {
  const { items } = await desk.deliveries.page(desk.shop, endpointId, { limit: 2 })
  const [delivery] = items
  if (delivery === undefined || items.length > 1) throw new Error(`${items.length} deliveries`)
  return delivery
}
const withOneEvent = async (...answers: readonly WebhookAnswer[]) => {
  const desk = aWebhookDesk()
  const endpoint = await desk.registered()
  const body = desk.anEvent('ord_1', 1)
  await desk.fanOut(body)
  desk.client.answer = () => answers[desk.client.requests.length - 1] ?? { status: 204 }
  return { desk, endpoint, body }
}

describe('a delivery', () => {
  test('is done when the receiver says 2xx', async () => {
    const { desk, endpoint, body } = await withOneEvent({ status: 202 })
    expect(await desk.drain()).toMatchObject([{ outcome: 'settled', status: 'delivered' }])
    expect(desk.client.requests).toEqual([
      {
        url: endpoint.url,
        id: eventIdOf(body),
        at: desk.clock.now(),
        body,
        secrets: [endpoint.secret],
        traceparent: desk.cause.traceparent,
      },
    ])
    expect(await only(desk, endpoint.id)).toMatchObject({
      state: { status: 'delivered' },
      attempts: [{ number: 1, result: { status: 202 } }],
    })
  })

  test('is tried eight times, each later, with the same id and a fresh time, and then kept as exhausted', async () => {
    const { desk, endpoint, body } = await withOneEvent()
    desk.client.answer = () => ({ status: 500 })
    await desk.drain()
    const { requests } = desk.client
    expect(new Set(requests.map(({ id }) => id))).toEqual(new Set([eventIdOf(body)]))
    expect(new Set(requests.map(({ at }) => at.getTime())).size).toBe(8)
    const { state, attempts } = await only(desk, endpoint.id)
    expect(state).toMatchObject({ status: 'exhausted' })
    expect(attempts).toHaveLength(8)
    expect((await desk.deliveries.find(desk.shop, endpoint.id, eventIdOf(body)))?.payload).toBe(body)
  })

  test.each([
    { status: 301 },
    { status: 307 },
    { status: 400 },
    { status: 404 },
    { status: 500 },
    { status: 0 },
    { failure: 'timed_out' },
    { failure: 'target_refused' },
    { failure: 'tls_failed' },
  ] as const)('that got %o comes back after 5 seconds', async (answer) => {
    const { desk, endpoint } = await withOneEvent(answer)
    expect(await desk.drain(0)).toMatchObject([{ outcome: 'later', seconds: 5 }])
    expect(await only(desk, endpoint.id)).toMatchObject({
      state: { status: 'pending', tries: 1 },
      attempts: [{ result: answer }],
    })
    expect(await desk.drain()).toMatchObject([{ outcome: 'settled', status: 'delivered' }])
  })

  test.each([
    ['429 and seconds', { status: 429, retryAfter: '120' }, 120],
    ['503 and a date', { status: 503, retryAfter: 'Mon, 23 Nov 2026 09:10:00 GMT' }, 600],
    ['500, where it means nothing', { status: 500, retryAfter: '120' }, 5],
    ['429 and a month', { status: 429, retryAfter: '2592000' }, 39_600],
    ['429 and too little', { status: 429, retryAfter: '0' }, 5],
    ['429 and the year 9999', { status: 429, retryAfter: 'Tue, 23 Nov 9999 09:00:00 GMT' }, 39_600],
    ['503 and a date long past', { status: 503, retryAfter: 'Thu, 01 Jan 1970 00:00:00 GMT' }, 5],
    ['429 and no sense', { status: 429, retryAfter: 'tomorrow, maybe; 120' }, 5],
    ['429 and a number beyond numbers', { status: 429, retryAfter: '9'.repeat(400) }, 5],
  ])('waits as asked by %s', async (_, answer, seconds) => {
    const { desk } = await withOneEvent(answer)
    expect(await desk.drain(0)).toMatchObject([{ outcome: 'later', seconds }])
  })

  test('whose receiver is gone (410) stops, and so does the endpoint', async () => {
    const { desk, endpoint } = await withOneEvent({ status: 410 })
    await desk.fanOut(desk.anEvent('ord_1', 2))
    expect(await desk.drain()).toMatchObject([
      { outcome: 'settled', status: 'stopped' },
      { outcome: 'settled', status: 'stopped' },
    ])
    expect(desk.client.requests).toHaveLength(1)
    expect((await desk.endpoints.find(desk.shop, endpoint.id))?.state).toMatchObject({
      status: 'disabled',
      reason: 'gone',
    })
    const { items } = await desk.deliveries.page(desk.shop, endpoint.id, { limit: 9 })
    expect(items.map(({ state }) => state.status === 'stopped' && state.reason)).toEqual([
      'endpoint_disabled',
      'endpoint_gone',
    ])
    expect(await desk.fanOut(desk.anEvent('ord_1', 3))).toEqual({ outcome: 'fanned_out', deliveries: 0 })
  })

  test('whose endpoint was deleted on the way stops, stays visible, and sends nothing', async () => {
    const { desk, endpoint } = await withOneEvent()
    await desk.endpoints.remove(desk.shop, endpoint.id)
    expect(await desk.drain()).toEqual([{ outcome: 'settled', status: 'stopped' }])
    expect(desk.client.requests).toEqual([])
    const listed = await desk.list(desk.shop, endpoint.id, { limit: 9 })
    expect(listed).toMatchObject({ value: { items: [{ state: { reason: 'endpoint_deleted' } }] } })
  })

  test('is signed with the secrets of the moment it is sent: both while they change over, then the new one', async () => {
    const { desk, endpoint } = await withOneEvent({ status: 500 }, { status: 500 }, { status: 500 })
    await desk.drain(0)
    const { outcome } = await desk.rotate({
      merchant: desk.shop,
      endpointId: endpoint.id,
      overlapSeconds: 305 + 60,
      request: aKeyedRequest(desk.shop, 'rotate'),
    })
    if (!outcome.ok) throw new Error(outcome.refusal.detail)
    const { secret } = outcome.value
    await desk.drain()
    const [old, both] = [[endpoint.secret], [secret, endpoint.secret]]
    expect(desk.client.requests.map(({ secrets }) => secrets)).toEqual([old, both, both, [secret]])
  })

  test('whose endpoint was disabled on the way stops and sends nothing; enabled again, a replay sends it', async () => {
    const { desk, endpoint, body } = await withOneEvent({ status: 500 })
    await desk.drain(0)
    await desk.endpoints.change(desk.shop, endpoint.id, () => disabled('failing', desk.clock.now()))
    expect(await desk.drain()).toMatchObject([{ outcome: 'settled', status: 'stopped' }])
    expect(await only(desk, endpoint.id)).toMatchObject({ state: { reason: 'endpoint_disabled' } })
    expect(desk.client.requests).toHaveLength(1)

    await desk.endpoints.change(desk.shop, endpoint.id, () => enabled)
    const asked = { merchant: desk.shop, endpointId: endpoint.id, eventId: eventIdOf(body) }
    await desk.replay({ ...asked, cause: desk.cause })
    for (const event of desk.outbox) await desk.fanOut(JSON.stringify(event))
    expect(await desk.drain()).toMatchObject([{ outcome: 'settled', status: 'delivered' }])
  })

  test('that is settled is not sent again by a second message', async () => {
    const { desk, endpoint, body } = await withOneEvent()
    const message = { merchant: desk.shop, endpointId: endpoint.id, eventId: eventIdOf(body) }
    await desk.drain()
    expect(await desk.deliver()(message, desk.cause)).toEqual({ outcome: 'repeated' })
    expect(desk.client.requests).toHaveLength(1)
  })

  test('that comes back too early waits for its time', async () => {
    const { desk, endpoint, body } = await withOneEvent({ status: 500 }, { status: 500 })
    const message = { merchant: desk.shop, endpointId: endpoint.id, eventId: eventIdOf(body) }
    await desk.drain(5)
    desk.clock.advance(100)
    expect(await desk.deliver()(message, desk.cause)).toEqual({ outcome: 'later', seconds: 200 })
    expect(desk.client.requests).toHaveLength(2)
  })

  test('held by two consumers at once is recorded by one; the other looks again', async () => {
    const { desk, endpoint, body } = await withOneEvent()
    const message = { merchant: desk.shop, endpointId: endpoint.id, eventId: eventIdOf(body) }
    const turns = await Promise.all([
      desk.deliver()(message, desk.cause),
      desk.deliver()(message, desk.cause),
    ])
    expect(turns.map(({ outcome }) => outcome).sort()).toEqual(['later', 'settled'])
    expect((await only(desk, endpoint.id)).attempts).toHaveLength(1)
    expect(new Set(desk.client.requests.map(({ id }) => id)).size).toBe(1)
  })

  test('that nobody made is refused', async () => {
    const desk = aWebhookDesk()
    const endpointId = WebhookEndpointId.parse(desk.ids.next('whk'))
    const message = { merchant: desk.shop, endpointId, eventId: desk.ids.next('evt') }
    await expect(desk.deliver()(message, desk.cause)).rejects.toMatchObject({ code: 'unknown_delivery' })
  })
})

describe('order', () => {
  test('is kept per endpoint and subject while an earlier event is tried again; other subjects pass', async () => {
    const desk = aWebhookDesk()
    await desk.registered()
    const failing = desk.anEvent('ord_1', 1)
    const behind = [desk.anEvent('ord_1', 2), desk.anEvent('ord_1', 3)]
    const beside = [desk.anEvent('ord_2', 1), desk.anEvent('ord_2', 2)]
    for (const body of [failing, ...behind, ...beside]) await desk.fanOut(body)
    let failures = 3
    desk.client.answer = ({ body }) => ({ status: body === failing && failures-- > 0 ? 500 : 204 })
    await desk.drain()

    const sent = desk.client.requests.map(({ id }) => id)
    const ids = (bodies: readonly string[]) => bodies.map(eventIdOf)
    expect(sent.slice(0, 3)).toEqual(ids([failing, ...beside]))
    expect(sent.slice(3)).toEqual(ids([failing, failing, failing, ...behind]))
  })

  test('goes on behind an exhausted delivery', async () => {
    const desk = aWebhookDesk()
    await desk.registered()
    const [dead, next] = [desk.anEvent('ord_1', 1), desk.anEvent('ord_1', 2)]
    for (const body of [dead, next]) await desk.fanOut(body)
    desk.client.answer = ({ body }) => ({ status: body === dead ? 500 : 204 })
    await desk.drain()
    expect(desk.client.requests.at(-1)?.body).toBe(next)
    expect(desk.client.requests).toHaveLength(9)
  })
})

describe('a dead endpoint', () => {
  const manyEvents = async (count: number) => {
    const desk = aWebhookDesk()
    const dead = await desk.registered('https://dead.example/')
    const alive = await desk.registered('https://alive.example/')
    for (let n = 0; n < count; n++) await desk.fanOut(desk.anEvent(`ord_${n}`, 1))
    const sentTo = (url: string) => desk.client.requests.filter((request) => request.url === url)
    return { desk, dead, alive, sentTo }
  }

  test('is called five times and then left alone, while the others get everything at once', async () => {
    const { desk, dead, alive, sentTo } = await manyEvents(300)
    desk.client.answer = ({ url }) => (url === dead.url ? { failure: 'timed_out' } : { status: 204 })
    await desk.drain(0)
    expect(sentTo(alive.url)).toHaveLength(300)
    expect(sentTo(dead.url)).toHaveLength(5)
    // Waiting for the circuit costs no delivery an attempt.
    const { items } = await desk.deliveries.page(desk.shop, dead.id, { limit: 300 })
    expect(items.filter(({ attempts }) => attempts.length > 0)).toHaveLength(5)
  })

  test('with ten thousand events waiting costs the others what it costs with ten: five attempts', async () => {
    const waitOfOthers = async (events: number) => {
      const { desk, dead, alive, sentTo } = await manyEvents(events)
      const start = desk.clock.now().getTime()
      desk.client.answer = ({ url }) => {
        if (url !== dead.url) return { status: 204 }
        desk.clock.advance(15)
        return { failure: 'timed_out' }
      }
      await desk.drain(0)
      expect(sentTo(alive.url)).toHaveLength(events)
      expect(sentTo(dead.url)).toHaveLength(5)
      expect(desk.queue.length).toBe(events)
      return Math.max(...sentTo(alive.url).map(({ at }) => at.getTime() - start)) / 1_000
    }
    expect(await waitOfOthers(10_000)).toBe(await waitOfOthers(10))
  }, 60_000)

  test('rests for a minute, also when many requests were on their way as it went down', async () => {
    const { desk, dead } = await manyEvents(50)
    const { promise: down, resolve: goDown } = Promise.withResolvers<void>()
    const client = { post: () => down.then(() => ({ failure: 'timed_out' }) as const) }
    const deliver = desk.deliver({ ...desk.ports, client })
    const { items } = await desk.deliveries.page(desk.shop, dead.id, { limit: 50 })
    const turns = items.map(({ merchant, endpointId, eventId }) =>
      deliver({ merchant, endpointId, eventId }, desk.cause),
    )
    goDown()
    await Promise.all(turns)
    expect((await desk.endpoints.find(desk.shop, dead.id))?.state).toMatchObject({
      circuit: {
        status: 'open',
        failures: 5,
        until: new Date(desk.clock.now().getTime() + 60_000).toISOString(),
      },
    })
  })

  test('is tried by one delivery at a time, and gets everything when it is back', async () => {
    const { desk, dead, sentTo } = await manyEvents(300)
    desk.client.answer = ({ url }) => (url === dead.url ? { failure: 'timed_out' } : { status: 204 })
    await desk.drain(3_600)
    const calls = sentTo(dead.url).length
    expect(calls).toBeLessThan(12)
    desk.client.answer = () => ({ status: 204 })
    await desk.drain()
    expect(sentTo(dead.url)).toHaveLength(300 + calls)
    expect((await desk.endpoints.find(desk.shop, dead.id))?.state).toEqual({
      status: 'enabled',
      circuit: { status: 'closed' },
    })
  })

  test('is disabled after three days; what waited for it stops, is kept, and no message was handed out often', async () => {
    const { desk, dead, sentTo } = await manyEvents(100)
    const start = desk.clock.now().getTime()
    desk.client.answer = ({ url }) => (url === dead.url ? { failure: 'timed_out' } : { status: 204 })
    const turns = await desk.drain()

    const endpoint = await desk.endpoints.find(desk.shop, dead.id)
    if (endpoint?.state.status !== 'disabled') throw new Error('still enabled')
    expect(endpoint.state.reason).toBe('failing')
    const days = (Date.parse(endpoint.state.disabledAt) - start) / 86_400_000
    expect(days).toBeGreaterThanOrEqual(3)
    expect(days).toBeLessThan(3.2)
    // All are settled long before SQS forgets them after 14 days, and below the receives after which it gives them up.
    expect((desk.clock.now().getTime() - start) / 86_400_000).toBeLessThan(4)
    expect(turns.length / 100).toBeLessThan(150)
    expect(sentTo(dead.url).length).toBeLessThan(60)
    const { items } = await desk.deliveries.page(desk.shop, dead.id, { limit: 100 })
    expect(new Set(items.map(({ state }) => state.status))).toEqual(new Set(['stopped', 'exhausted']))

    // Enabled again, it gets all of them by replays, none twice.
    desk.client.answer = () => ({ status: 204 })
    desk.client.requests.length = 0
    await desk.endpoints.change(desk.shop, dead.id, () => enabled)
    for (const { eventId } of items)
      await desk.replay({ merchant: desk.shop, endpointId: dead.id, eventId, cause: desk.cause })
    for (const event of desk.outbox) await desk.fanOut(JSON.stringify(event))
    await desk.drain()
    expect(
      sentTo(dead.url)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(items.map(({ eventId }) => eventId).toSorted())
  })

  test('that never answers in time is probed again when the probe died', async () => {
    const { desk, dead, sentTo } = await manyEvents(10)
    desk.client.answer = ({ url }) => (url === dead.url ? { failure: 'timed_out' } : { status: 204 })
    await desk.drain(0)
    desk.client.answer = () => {
      throw new Error('killed')
    }
    await expect(desk.drain(130)).rejects.toThrow('killed')
    desk.client.answer = () => ({ status: 204 })
    await desk.drain()
    expect(sentTo(dead.url)).toHaveLength(5 + 1 + 10)
  })
})
