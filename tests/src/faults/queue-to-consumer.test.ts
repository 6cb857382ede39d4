import { capturedOutput } from '@stockroom/lambda/captured-output'
import { pause } from '@stockroom/local-cloud/clock'
import { failed, throttled } from '@stockroom/local-cloud/events/scripted-function'
import type { CloudEvent } from '@stockroom/outbox/envelope'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anEventPipeline, type EventPipeline, hour, minute } from './an-event-pipeline.ts'

let pipeline: EventPipeline
beforeEach(async () => {
  capturedOutput()
  pipeline = anEventPipeline()
  await pipeline.subscribed()
})
afterEach(() => pipeline.close())

/** Puts the events of a change into the queue as the relay does. */
const send = async (subject: string, count = 1) => {
  const envelope = pipeline.commit(subject, count)
  for (const event of envelope.events)
    await pipeline.publisher.publish([{ group: `corner-shop#${subject}`, event }])
  await pipeline.store.markPublished(envelope)
  return envelope.events
}
/** A message of anybody's, under an id of its own. */
const sendRaw = (groupId: string, body: string, id = body) =>
  pipeline.events.send({ body, groupId, deduplicationId: `raw-${id}` })
const expectComplete = () => {
  expect(pipeline.delivered()).toEqual(pipeline.committed())
  expect(pipeline.events.messages()).toEqual([])
  expect(pipeline.deadLetters.messages()).toEqual([])
}
const parkedBodies = () => pipeline.deadLetters.messages().map(({ sent }) => sent.body)
const receivesOf = (body: string) =>
  pipeline.fanOutFunction.events.flatMap(({ Records }) => Records).filter((record) => record.body === body)
    .length
const never = new AbortController().signal

describe('a message', () => {
  it('that two consumers hold, for the first was too slow, has one effect', async () => {
    await send('ord_1', 2)
    const advance = pipeline.ports.cursors.advance.bind(pipeline.ports.cursors)
    let slow = true
    pipeline.ports.cursors.advance = async (...given) => {
      if (slow) {
        slow = false
        await pause(pipeline.clock, 90_000, never)
      }
      return advance(...given)
    }
    pipeline.startFanOut()
    await pipeline.clock.advance(10 * minute)
    expect(pipeline.fanOutFunction.events.length).toBeGreaterThan(1)
    expectComplete()
  })

  it('whose effect is there when the consumer dies is repeated without another effect', async () => {
    await send('ord_1', 3)
    pipeline.fanOutFunction.answer = async (ask, _, call) => {
      const answer = await ask()
      // Longer than SQS remembers a deduplication id.
      if (call === 1) await pipeline.clock.advance(6 * minute)
      return call === 1 ? failed('Runtime.ExitError') : answer
    }
    pipeline.startFanOut()
    await pipeline.clock.advance(hour)
    expect(pipeline.fanOutFunction.events.length).toBeGreaterThan(1)
    expectComplete()
  })

  it('that comes before its predecessors is applied behind them, whatever the order of a group', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), async (order) => {
        pipeline = anEventPipeline()
        await pipeline.subscribed()
        const events = pipeline.commit('ord_1', 8).events
        for (const index of order) await sendRaw('corner-shop#ord_1', JSON.stringify(events[index]))
        pipeline.startFanOut()
        await pipeline.clock.advance(minute)
        await pipeline.close()
        expectComplete()
      }),
      { numRuns: 30 },
    )
  })

  it('of a throttled function spends receives, and is not parked before it was tried', async () => {
    for (let n = 0; n < 10; n++) await send(`ord_${n}`, 2)
    const end = pipeline.clock.now() + 4 * minute
    pipeline.fanOutFunction.answer = async (ask) => (pipeline.clock.now() < end ? throttled : ask())
    pipeline.startFanOut()
    await pipeline.clock.advance(hour)
    const receives = pipeline.fanOutFunction.events.flatMap(({ Records }) =>
      Records.map(({ attributes }) => Number(attributes.ApproximateReceiveCount)),
    )
    expect(Math.max(...receives)).toBeGreaterThan(1)
    expectComplete()
  })

  it('that always fails lies in the DLQ after ten receives, and delays neither its group nor others', async () => {
    const poison = JSON.stringify({ specversion: '1.0', type: 'order.eaten.v1' })
    await sendRaw('corner-shop#ord_1', poison)
    await send('ord_1')
    await send('ord_2', 3)
    pipeline.startFanOut()
    await pipeline.clock.advance(1_000)
    expect(pipeline.delivered()).toEqual({ ord_1: [1], ord_2: [1, 2, 3] })
    await pipeline.clock.advance(hour)
    expect(receivesOf(poison)).toBe(10)
    expect(parkedBodies()).toEqual([poison])
  })

  it.each<[string, (event: CloudEvent) => object | string]>([
    ['of an unknown type', (event) => ({ ...event, type: 'order.shipped.v1' })],
    ['of a newer version', (event) => ({ ...event, type: 'order.cancelled.v2' })],
    ['of a merchant who is not its source', (event) => ({ ...event, merchant: 'other-shop' })],
    ['without an envelope of ours', () => ({ hello: 'queue' })],
    ['that is no JSON', () => 'hello queue'],
  ])('%s is parked as it came, and changes nothing', async (_, change) => {
    const [event] = pipeline.commit('ord_1').events
    if (event === undefined) throw new Error('no event')
    const made = change(event)
    const body = typeof made === 'string' ? made : JSON.stringify(made)
    await sendRaw('corner-shop#ord_1', body)
    pipeline.startFanOut()
    await pipeline.clock.advance(hour)
    expect(parkedBodies()).toEqual([body])
    expect(pipeline.delivered()).toEqual({})
    for (const merchant of [pipeline.desk.shop, 'other-shop' as typeof pipeline.desk.shop])
      expect(await pipeline.desk.ports.cursors.last(merchant, 'ord_1')).toBe(0)
  })

  it('with members that this version does not know is applied', async () => {
    const [event] = pipeline.commit('ord_1').events
    await sendRaw('corner-shop#ord_1', JSON.stringify({ ...event, laterMember: { any: 'thing' } }))
    pipeline.startFanOut()
    await pipeline.clock.advance(minute)
    expectComplete()
  })
})

describe('a dead-letter queue', () => {
  it('with good, bad and applied messages is sent back twice: good ones apply once, bad ones come back, applied ones do nothing', async () => {
    const poison = '{"type":"order.eaten.v1"}'
    const applied = await send('ord_0', 2)
    pipeline.startFanOut()
    await pipeline.clock.advance(minute)
    // The webhooks table is gone for an hour.
    pipeline.fanOutFunction.answer = async () => failed('Throttled')
    await send('ord_1', 3)
    await sendRaw('corner-shop#ord_2', poison)
    for (const event of applied)
      await sendRaw('corner-shop#ord_0', JSON.stringify(event), `again-${event.id}`)
    await pipeline.clock.advance(hour)
    expect(pipeline.deadLetters.messages()).toHaveLength(6)

    pipeline.fanOutFunction.answer = (ask) => ask()
    for (let time = 0; time < 2; time++) {
      await pipeline.redrive()
      await pipeline.clock.advance(hour)
      expect(parkedBodies()).toEqual([poison])
      expect(pipeline.delivered()).toEqual({ ord_0: [1, 2], ord_1: [1, 2, 3] })
    }
  })

  it('is sent back after fifteen days and applies nothing that was applied', async () => {
    const keptUntil: Date[] = []
    const { cursors } = pipeline.ports
    const advance = cursors.advance.bind(cursors)
    cursors.advance = (merchant, subject, sequence, until) => {
      keptUntil.push(until)
      return advance(merchant, subject, sequence, until)
    }
    pipeline.fanOutFunction.answer = async () => failed('Throttled')
    const [event] = await send('ord_1')
    pipeline.startFanOut()
    // Almost as long in the queue, then again in the DLQ, as SQS keeps a message.
    await pipeline.clock.advance(hour)
    expect(pipeline.deadLetters.messages()).toHaveLength(1)
    pipeline.fanOutFunction.answer = (ask) => ask()
    const applied = pipeline.clock.now()
    await sendRaw('corner-shop#ord_1', JSON.stringify(event))
    await pipeline.clock.advance(minute)
    expect(pipeline.delivered()).toEqual({ ord_1: [1] })

    await pipeline.clock.advance(13 * 24 * hour)
    await pipeline.redrive()
    await pipeline.clock.advance(hour)
    expectComplete()
    // Nobody can send it back later than this: fourteen days in the queue and fourteen in the DLQ.
    expect(keptUntil[0]?.getTime()).toBeGreaterThan(applied + 28 * 24 * hour)
  })

  it('gets what a throttled table refuses for ever, and is sent back when the table is well', async () => {
    const { cursors } = pipeline.ports
    const advance = cursors.advance
    cursors.advance = () => Promise.reject(new Error('ThrottlingException'))
    await send('ord_1', 2)
    pipeline.startFanOut()
    await pipeline.clock.advance(hour)
    const receives = pipeline.fanOutFunction.events.flatMap(({ Records }) => Records).length
    expect(receives).toBe(2 * 10)
    expect(pipeline.deadLetters.messages()).toHaveLength(2)

    cursors.advance = advance.bind(cursors)
    await pipeline.redrive()
    await pipeline.clock.advance(minute)
    expect(await pipeline.desk.ports.cursors.last(pipeline.desk.shop, 'ord_1')).toBe(2)
    expect(pipeline.events.messages()).toEqual([])
    // The first delivery was queued at each attempt; it is one delivery, which its sender makes once.
    expect(new Set(pipeline.delivered().ord_1)).toEqual(new Set([1, 2]))
    const [endpoint] = await pipeline.desk.endpoints.list(pipeline.desk.shop)
    if (endpoint === undefined) throw new Error('nobody subscribed')
    const stored = await pipeline.desk.deliveries.page(pipeline.desk.shop, endpoint.id, { limit: 9 })
    expect(stored.items).toHaveLength(2)
  })
})
