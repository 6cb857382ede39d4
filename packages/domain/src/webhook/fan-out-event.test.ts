import { describe, expect, test } from 'vitest'
import { aWebhookDesk } from './a-webhook-desk.ts'
import type { SubjectCursors } from './subject-cursors.ts'
import { disabled } from './webhook-endpoint.ts'

const idOf = (body: string): string => JSON.parse(body).id
const rows = async (desk: ReturnType<typeof aWebhookDesk>, endpoint: { id: string }) => {
  const stored = await desk.endpoints.list(desk.shop)
  const found = stored.find(({ id }) => id === endpoint.id)
  if (found === undefined) throw new Error('no such endpoint')
  return (await desk.deliveries.page(desk.shop, found.id, { limit: 100 })).items
}

describe('an event', () => {
  test('becomes one delivery for each subscribed endpoint, with all members of its payload', async () => {
    const desk = aWebhookDesk()
    const all = await desk.registered()
    const some = await desk.registered('https://a.example/', ['order.cancelled.v1', 'order.paid.v1'])
    const none = await desk.registered('https://b.example/', ['order.paid.v1'])
    const off = await desk.registered('https://c.example/')
    await desk.endpoints.change(desk.shop, off.id, () => disabled('gone', desk.clock.now()))

    // A member that this version does not know reaches the receiver too.
    const body = desk.anEvent('ord_1', 1, { later: 'member' })
    expect(await desk.fanOut(body)).toEqual({ outcome: 'fanned_out', deliveries: 2 })

    for (const endpoint of [all, some]) expect(await rows(desk, endpoint)).toHaveLength(1)
    for (const endpoint of [none, off]) expect(await rows(desk, endpoint)).toEqual([])
    await desk.drain()
    expect(desk.client.requests.map((request) => request.body)).toEqual([body, body])
    expect(desk.client.requests.map(({ url }) => url)).toEqual([all.url, some.url])
  })

  test('goes to all endpoints side by side: none waits for the message of another', async () => {
    const desk = aWebhookDesk()
    for (let n = 0; n < 3; n++) await desk.registered(`https://${n}.example/`)
    const { promise: allAsked, resolve } = Promise.withResolvers<void>()
    let asked = 0
    const queue = {
      send: () => {
        asked += 1
        if (asked === 3) resolve()
        return allAsked
      },
    }
    const fannedOut = await desk.fanOut(desk.anEvent('ord_1', 1), { ...desk.ports, queue })
    expect(fannedOut).toEqual({ outcome: 'fanned_out', deliveries: 3 })
  })

  test('that comes again, or after a newer one, has no effect', async () => {
    const desk = aWebhookDesk()
    await desk.registered()
    const [first, second] = [desk.anEvent('ord_1', 1), desk.anEvent('ord_1', 2)]
    for (const body of [first, second]) await desk.fanOut(body)
    await desk.drain()
    // Neither SQS' deduplication nor the deliveries are what stops it, nor does an endpoint that came later hear of it.
    desk.clock.advance(3_600)
    await desk.registered('https://later.example/')
    for (const body of [first, second, first])
      expect(await desk.fanOut(body)).toEqual({ outcome: 'repeated' })
    expect(desk.queue.length).toBe(0)
    expect(desk.client.requests.map(({ id }) => id)).toEqual([idOf(first), idOf(second)])
  })

  test('whose predecessor is missing waits for it', async () => {
    const desk = aWebhookDesk()
    const endpoint = await desk.registered()
    const [first, second] = [desk.anEvent('ord_1', 1), desk.anEvent('ord_1', 2)]
    await expect(desk.fanOut(second)).rejects.toMatchObject({ code: 'sequence_gap' })
    expect(await rows(desk, endpoint)).toEqual([])
    await desk.fanOut(first)
    expect(await desk.fanOut(second)).toMatchObject({ outcome: 'fanned_out' })
  })

  test.each([
    ['of an unknown type', { type: 'order.shipped.v1' }],
    ['of a newer version', { type: 'order.cancelled.v2' }],
    ['without its data', { data: {} }],
    ['without a merchant', { merchant: undefined }],
    ['with a merchant who is not its source', { merchant: 'other-shop' }],
    ['with an id of another kind', { id: 'ord_00000000000000000000000001' }],
  ])('%s is refused and leaves nothing', async (_, change) => {
    const desk = aWebhookDesk()
    const endpoint = await desk.registered()
    await expect(desk.fanOut(desk.anEvent('ord_1', 1, change))).rejects.toThrow()
    expect(await rows(desk, endpoint)).toEqual([])
    expect(desk.queue.length).toBe(0)
    expect(await desk.ports.cursors.last(desk.shop, 'ord_1')).toBe(0)
  })

  test.each(['null', '[]', '{}', '"evt"', '1'])('that is no event is refused: %j', async (body) => {
    await expect(aWebhookDesk().fanOut(body)).rejects.toThrow()
  })

  test.each([15, 28])('that comes out of a dead-letter queue after %i days has no effect', async (days) => {
    const desk = aWebhookDesk()
    const endpoint = await desk.registered()
    let kept = { sequence: 0, until: desk.clock.now() }
    // As DynamoDB forgets: what is past its time is not there.
    const cursors: SubjectCursors = {
      last: async () => (kept.until > desk.clock.now() ? kept.sequence : 0),
      advance: async (_merchant, _subject, sequence, until) => {
        kept = { sequence, until }
        return 'advanced'
      },
    }
    const ports = { ...desk.ports, cursors }
    const body = desk.anEvent('ord_1', 1)
    expect(await desk.fanOut(body, ports)).toMatchObject({ outcome: 'fanned_out' })
    await desk.drain()
    desk.clock.advance(days * 86_400)
    expect(await desk.fanOut(body, ports)).toEqual({ outcome: 'repeated' })
    expect(await rows(desk, endpoint)).toHaveLength(1)
    expect([desk.queue.length, desk.client.requests.length]).toEqual([0, 1])
  })

  test('of a merchant without endpoints still moves the cursor', async () => {
    const desk = aWebhookDesk()
    expect(await desk.fanOut(desk.anEvent('ord_1', 1))).toEqual({ outcome: 'fanned_out', deliveries: 0 })
    expect(await desk.fanOut(desk.anEvent('ord_1', 2))).toEqual({ outcome: 'fanned_out', deliveries: 0 })
  })
})
