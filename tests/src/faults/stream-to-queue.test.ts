import { capturedOutput } from '@stockroom/lambda/captured-output'
import { failed, succeeded } from '@stockroom/local-cloud/events/scripted-function'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anEventPipeline, type EventPipeline, hour, minute } from './an-event-pipeline.ts'

let pipeline: EventPipeline
beforeEach(async () => {
  capturedOutput()
  pipeline = anEventPipeline()
  await pipeline.subscribed()
})
afterEach(() => pipeline.close())

/** Everything that was committed arrived once and in order, and nothing waits anywhere. */
const expectComplete = () => {
  expect(pipeline.delivered()).toEqual(pipeline.committed())
  expect(pipeline.pending()).toBe(0)
  expect(pipeline.events.messages()).toEqual([])
  expect(pipeline.deadLetters.messages()).toEqual([])
}
/** Changes of five aggregates in turns, each of one to three events. */
const changes = (count: number) => {
  for (let n = 0; n < count; n++) pipeline.change(`ord_${n % 5}`, 1 + (n % 3))
}

describe('a batch of stream records', () => {
  it('that comes twice, and again an hour later, has its effects once', async () => {
    changes(20)
    pipeline.relayFunction.answer = async (ask, _, call) => {
      const answer = await ask()
      return call === 1 ? failed('Sandbox.Timedout') : answer
    }
    pipeline.startRelay()
    pipeline.startFanOut()
    await pipeline.clock.advance(minute)
    expect(pipeline.relayFunction.events.length).toBeGreaterThan(1)
    expectComplete()

    await pipeline.clock.advance(hour)
    await pipeline.relayFunction.invoke(pipeline.relayFunction.events[0])
    expect(pipeline.events.messages().length).toBeGreaterThan(0)
    await pipeline.clock.advance(minute)
    expectComplete()
  })

  it('read again from the oldest record, beside the running system, changes nothing', async () => {
    pipeline.startRelay()
    pipeline.startFanOut()
    changes(30)
    await pipeline.clock.advance(hour)
    const published = pipeline.store.rows()

    pipeline.startRelay('TRIM_HORIZON', { name: 'again' })
    changes(10)
    await pipeline.clock.advance(hour)
    expect(pipeline.store.rows().slice(0, 30)).toEqual(published)
    expectComplete()
  })

  it('in any order and cut anywhere, is brought back into the order of each aggregate', async () => {
    const [first, second, other] = [
      pipeline.commit('ord_1', 2),
      pipeline.commit('ord_1', 3),
      pipeline.commit('ord_2'),
    ]
    for (const envelope of [other, second, first]) pipeline.append(pipeline.recordOf(envelope))
    pipeline.startRelay()
    pipeline.startFanOut()
    await pipeline.clock.advance(minute)
    expectComplete()
  })

  it('of which the later half comes first, waits for the earlier half', async () => {
    const [first, second] = [pipeline.commit('ord_1', 2), pipeline.commit('ord_1', 3)]
    pipeline.startRelay()
    pipeline.startFanOut()
    pipeline.append(pipeline.recordOf(second))
    await pipeline.clock.advance(minute / 2)
    expect(pipeline.delivered()).toEqual({})
    pipeline.append(pipeline.recordOf(first))
    await pipeline.clock.advance(hour)
    expectComplete()
  })

  it('whose shard splits in the middle of an aggregate goes on in the child, in order', async () => {
    changes(10)
    pipeline.stream.open('shard-1', 'shard-0')
    pipeline.stream.open('shard-2', 'shard-0')
    for (let n = 0; n < 10; n++)
      pipeline.append(pipeline.recordOf(pipeline.commit(`ord_${n % 5}`)), `shard-${1 + (n % 5 > 2 ? 1 : 0)}`)
    pipeline.startRelay()
    pipeline.startFanOut()
    await pipeline.clock.advance(minute)
    // The children are there and full; nobody reads them before their parent has ended.
    expect(Object.values(pipeline.delivered()).flat()).toHaveLength(10 + 9)
    changes(1)
    pipeline.stream.closeShard('shard-0')
    await pipeline.clock.advance(minute)
    expect(pipeline.pending()).toBe(0)
  })
})

describe('the relay', () => {
  it.each(['before', 'after'])(
    'that dies %s its call to the queue is repeated, and once is enough',
    async (when) => {
      changes(20)
      const publish = pipeline.publisher.publish
      let calls = 0
      pipeline.publisher.publish = async (events) => {
        calls += 1
        if (calls <= 3 && when === 'before') throw new Error('connection reset')
        const answer = await publish(events)
        if (calls <= 3) throw new Error('connection reset')
        return answer
      }
      pipeline.startRelay()
      pipeline.startFanOut()
      await pipeline.clock.advance(hour)
      expectComplete()
    },
  )

  it('that dies between queue and mark sends again, and the consumer drops it when SQS has forgotten it', async () => {
    pipeline.change('ord_1', 3)
    pipeline.relayFunction.answer = async (ask, _, call) => {
      if (call > 1) return ask()
      await ask()
      await pipeline.clock.advance(10 * minute)
      return failed('Runtime.ExitError')
    }
    pipeline.startRelay()
    pipeline.startFanOut()
    await pipeline.clock.advance(hour)
    expectComplete()
  })

  it('lets an aggregate wait for its record that failed, and no other aggregate', async () => {
    changes(15)
    const publish = pipeline.publisher.publish
    let refusals = 1
    pipeline.publisher.publish = async (events) => {
      const refused = events.filter(({ event }) => event.subject === 'ord_2' && refusals-- > 0)
      await publish(events.filter((event) => !refused.includes(event)))
      return { failed: new Map(refused.map(({ event }) => [event.id, 'InternalError'])) }
    }
    pipeline.relayFunction.answer = async (ask) => {
      const answer = await ask()
      if (pipeline.relayFunction.events.length === 1) {
        const waiting = pipeline.events.messages().map(({ sent }) => sent.groupId)
        expect(new Set(waiting)).toEqual(
          new Set(['ord_0', 'ord_1', 'ord_3', 'ord_4'].map((id) => `corner-shop#${id}`)),
        )
      }
      return answer
    }
    pipeline.startRelay()
    await pipeline.clock.advance(minute)
    pipeline.startFanOut()
    await pipeline.clock.advance(minute)
    expectComplete()
  })

  const poisonAmongOthers = () => {
    changes(40)
    const record = pipeline.recordOf(pipeline.commit('ord_poison'))
    const image = { ...record.dynamodb?.NewImage, events: { S: '{ not JSON' } }
    const poison = { ...record, dynamodb: { ...record.dynamodb, NewImage: image } }
    pipeline.append(poison)
    changes(40)
    pipeline.startRelay()
    pipeline.startFanOut()
    return { poison, image }
  }

  it('parks a record that nobody can read at once, payload and all, and holds up none of its neighbours', async () => {
    const { poison } = poisonAmongOthers()
    await pipeline.clock.advance(1_000)
    expect(pipeline.unreadable).toEqual([poison])
    expect(pipeline.parked).toEqual([])
    const { ord_poison: _, ...others } = pipeline.committed()
    expect(pipeline.delivered()).toEqual(others)
  })

  it('lets the mapping park a record that nobody can read when it cannot do so itself', async () => {
    pipeline.failures.park = () => Promise.reject(new Error('SlowDown'))
    const { image } = poisonAmongOthers()
    await pipeline.clock.advance(hour)

    const [failure] = pipeline.parked
    expect(pipeline.parked).toHaveLength(1)
    expect(failure?.condition).toBe('RetryAttemptsExhausted')
    expect(failure?.records[0]?.dynamodb?.NewImage).toEqual(image)
    const { ord_poison: _, ...others } = pipeline.committed()
    expect(pipeline.delivered()).toEqual(others)
    expect(pipeline.facts).toContainEqual(expect.objectContaining({ kind: 'discarded' }))
  })

  it.each([
    ['the name of no record', succeeded({ batchItemFailures: [{ itemIdentifier: 'nobody' }] })],
    ['an empty name', succeeded({ batchItemFailures: [{ itemIdentifier: '' }] })],
    ['an error', failed('TypeError')],
  ])('whose answer is %s gets the whole batch again', async (_, answer) => {
    changes(10)
    pipeline.relayFunction.answer = async (ask, _event, call) => (call <= 2 ? answer : ask())
    pipeline.startRelay()
    pipeline.startFanOut()
    await pipeline.clock.advance(minute)
    const sizes = pipeline.relayFunction.events.map(({ Records }) => Records.length)
    expect(sizes.slice(0, 2).every((size) => size > 0)).toBe(true)
    expectComplete()
  })

  it('publishes nothing when rows are changed, or deleted when their time is over', async () => {
    const envelope = pipeline.change('ord_1')
    pipeline.startRelay()
    pipeline.startFanOut()
    await pipeline.clock.advance(hour)
    pipeline.append(pipeline.recordOf(envelope, 'MODIFY'))
    pipeline.append({
      ...pipeline.recordOf(envelope, 'REMOVE'),
      userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    })
    await pipeline.clock.advance(minute)
    expect(pipeline.relayFunction.events).toHaveLength(1)
    expectComplete()
  })
})

describe('the sweep', () => {
  it('publishes everything, in order and without a gap, while the mapping is off for 25 hours', async () => {
    const relaying = pipeline.startRelay()
    pipeline.startFanOut()
    changes(10)
    await pipeline.clock.advance(minute)
    await relaying.close()
    pipeline.startSweeping()
    for (let quarter = 0; quarter < 100; quarter++) {
      changes(3)
      await pipeline.clock.advance(15 * minute)
    }
    expectComplete()

    pipeline.trim()
    pipeline.startRelay()
    changes(10)
    await pipeline.clock.advance(5 * minute)
    expectComplete()
  })

  it('publishes what a mapping that was made anew at the end of the stream never saw', async () => {
    pipeline.startSweeping()
    pipeline.startFanOut()
    changes(10)
    pipeline.startRelay('LATEST')
    await pipeline.clock.advance(0)
    changes(10)
    await pipeline.clock.advance(hour)
    // What came after the gap has waited in the queue, and where too much waited, in the DLQ.
    await pipeline.redrive()
    await pipeline.clock.advance(hour)
    expectComplete()
  })

  it('and the relay, and another sweep, publish the same rows at once: repeats and nothing else', async () => {
    changes(60)
    await pipeline.clock.advance(2 * minute)
    pipeline.startRelay()
    const sweeps = Promise.all([pipeline.sweepNow(), pipeline.sweepNow()])
    await pipeline.clock.advance(minute)
    await sweeps
    pipeline.startFanOut()
    await pipeline.clock.advance(minute)
    expectComplete()
  })

  it('sends again what a stale index still shows, and next time what it does not show yet', async () => {
    changes(10)
    await pipeline.clock.advance(2 * minute)
    const shown = pipeline.store.rows().map(({ envelope }) => envelope)
    pipeline.startFanOut()
    const pending = pipeline.store.pending
    pipeline.store.pending = async function* () {
      yield { envelopes: shown.slice(0, 3), unreadable: [] }
    }
    await pipeline.sweepNow()
    await pipeline.sweepNow()
    await pipeline.clock.advance(hour)
    await pipeline.sweepNow()
    pipeline.store.pending = pending
    await pipeline.sweepNow()
    await pipeline.clock.advance(minute)
    expectComplete()
  })

  it.each([-10, 10])('goes by versions although a writer is %i minutes off', async (minutes) => {
    const skewed = new Date(pipeline.clock.now() + minutes * minute)
    pipeline.commit('ord_1', 1)
    pipeline.commit('ord_1', 2, skewed)
    pipeline.commit('ord_1', 1)
    pipeline.commit('ord_2', 1, skewed)
    pipeline.startFanOut()
    pipeline.startSweeping()
    await pipeline.clock.advance(2 * minute)
    expect(pipeline.delivered().ord_1).toEqual([1, 2, 3, 4])
    await pipeline.clock.advance(12 * minute)
    expectComplete()
  })
})
