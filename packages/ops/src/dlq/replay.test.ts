import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { describe, expect, it } from 'vitest'
import { countReturns } from './count-returns.ts'
import { drop } from './drop.ts'
import { InMemorySqs } from './in-memory-sqs.ts'
import { QueueDestination } from './queue-destination.ts'
import { type ReplayOptions, replay } from './replay.ts'
import { survey } from './survey.ts'

class Killed extends Error {}

const urls = (fifo: boolean) => {
  const end = fifo ? '.fifo' : ''
  return { dead: `https://sqs.example/events-dlq${end}`, home: `https://sqs.example/events${end}` }
}

const aParking = ({ fifo = true } = {}) => {
  const sqs = new InMemorySqs()
  const { dead, home } = urls(fifo)
  const destination = new QueueDestination(sqs.client, {
    name: 'events',
    url: dead,
    home: { name: 'Events', url: home },
    consumer: 'FanOutEvent',
  })
  const park = async (subject: string, sequence: number, change: object = {}) => {
    await sqs.client.send(
      new SendMessageCommand({
        QueueUrl: dead,
        MessageBody: JSON.stringify({ type: 'order.placed.v1', merchant: 'acme', subject, sequence }),
        ...(fifo
          ? { MessageGroupId: `acme#${subject}`, MessageDeduplicationId: `evt-${subject}-${sequence}` }
          : {}),
        ...change,
      }),
    )
  }
  const bodies = (url: string) =>
    sqs.queue(url).map(({ input }): { subject: string; sequence: number } => JSON.parse(input.MessageBody))
  const run = (options: Partial<ReplayOptions> = {}) =>
    replay(destination, { pause: async () => undefined, ...options })
  return {
    sqs,
    dead,
    home,
    destination,
    park,
    run,
    parked: () => bodies(dead),
    sent: () => bodies(home),
    /** As a consumer that takes everything: what lies in the working queue is done. */
    consume: () => sqs.queue(home).splice(0),
  }
}
const sequencesOf = (messages: readonly { subject: string; sequence: number }[], subject: string) =>
  messages.filter((message) => message.subject === subject).map(({ sequence }) => sequence)

describe('a replay', () => {
  it('sends each letter home as it was and empties the dead-letter queue', async () => {
    const { sqs, home, park, run, parked } = aParking()
    await park('ord_1', 1, {
      MessageBody: '{"type":"order.placed.v1",  "ü":1.0}',
      MessageAttributes: {
        correlationId: { DataType: 'String', StringValue: 'c-1' },
        traceparent: { DataType: 'String', StringValue: '00-aa-bb-01' },
      },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } },
    })
    const { sent } = await run()
    expect(sent).toHaveLength(1)
    expect(parked()).toEqual([])
    expect(sqs.queue(home).map(({ input }) => input)).toEqual([
      {
        QueueUrl: home,
        MessageBody: '{"type":"order.placed.v1",  "ü":1.0}',
        MessageGroupId: 'acme#ord_1',
        MessageDeduplicationId: 'replay-message-1',
        MessageAttributes: {
          correlationId: { DataType: 'String', StringValue: 'c-1' },
          traceparent: { DataType: 'String', StringValue: '00-aa-bb-01' },
        },
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } },
      },
    ])
  })

  it('is not swallowed by SQS although the event was first sent a minute ago', async () => {
    const { sqs, home, park, run, sent } = aParking()
    await sqs.client.send(
      new SendMessageCommand({
        QueueUrl: home,
        MessageBody: '{}',
        MessageGroupId: 'acme#ord_1',
        MessageDeduplicationId: 'evt-ord_1-1',
      }),
    )
    sqs.queue(home).splice(0)
    sqs.now += 60_000
    await park('ord_1', 1)
    await run()
    expect(sent()).toHaveLength(1)
  })

  it('keeps the order of each group', async () => {
    const { park, run, sent } = aParking()
    for (const [subject, sequence] of [
      ['ord_1', 1],
      ['ord_2', 1],
      ['ord_1', 2],
      ['ord_2', 2],
      ['ord_1', 3],
    ] as const)
      await park(subject, sequence)
    await run()
    expect([sequencesOf(sent(), 'ord_1'), sequencesOf(sent(), 'ord_2')]).toEqual([
      [1, 2, 3],
      [1, 2],
    ])
  })

  it('takes what is asked for by type, merchant or id, and shows the rest to others again', async () => {
    const { sqs, park, run, sent, parked, destination } = aParking({ fifo: false })
    await park('ord_1', 1)
    await park('ord_2', 1, { MessageBody: '{"type":"order.paid.v1","merchant":"acme","subject":"ord_2"}' })
    await park('ord_3', 1, {
      MessageBody: '{"type":"order.placed.v1","merchant":"bazaar","subject":"ord_3"}',
    })
    await park('ord_4', 1)
    expect((await run({ selection: { types: ['order.paid.v1'] } })).passedOver).toBe(3)
    await run({ selection: { merchants: ['bazaar'] } })
    const [first] = sqs.queue(urls(false).dead)
    await run({ selection: { ids: [first?.id ?? ''] } })
    expect(sent().map(({ subject }) => subject)).toEqual(['ord_2', 'ord_3', 'ord_1'])
    expect(parked().map(({ subject }) => subject)).toEqual(['ord_4'])
    expect(await destination.count()).toEqual({ waiting: 1, hidden: 0 })
  })

  it('sends nothing and hides nothing in a dry run', async () => {
    const { park, run, sent, destination } = aParking({ fifo: false })
    for (let n = 1; n <= 25; n++) await park(`ord_${n}`, 1)
    expect((await run({ dryRun: true })).sent).toHaveLength(25)
    expect(sent()).toEqual([])
    expect(await destination.count()).toEqual({ waiting: 25, hidden: 0 })
  })

  it('waits between letters when a rate is given', async () => {
    const { park, run } = aParking()
    for (let n = 1; n <= 3; n++) await park(`ord_${n}`, 1)
    const waits: number[] = []
    await run({ rate: 20, pause: async (milliseconds) => void waits.push(milliseconds) })
    expect(waits).toEqual([50, 50, 50])
  })

  it('ends although what it sends comes back at once, and says so', async () => {
    const { sqs, park, run, home, dead, destination } = aParking({ fifo: false })
    await park('poison', 1)
    const result = await run({
      // The consumer fails before the run goes on: the message is back, under the id that the working queue gave it.
      onLetter: () => void sqs.queue(dead).push(...sqs.queue(home).splice(0)),
    })
    expect([result.sent.length, result.returned.size]).toEqual([1, 1])
    const wait = { seconds: 60, now: () => sqs.now, pause: async () => undefined }
    expect(await countReturns(destination, result, wait)).toEqual({ back: 1, settled: true })
    expect(await destination.count()).toEqual({ waiting: 1, hidden: 0 })
  })

  it('counts what comes back later, and gives up waiting in time', async () => {
    const { sqs, park, run, home, dead, destination } = aParking({ fifo: false })
    await park('good', 1)
    await park('poison', 1)
    const result = await run()
    let pauses = 0
    const pause = async (ms: number) => {
      sqs.now += ms
      pauses += 1
      if (pauses === 3) sqs.queue(dead).push(...sqs.queue(home).splice(0).slice(1))
    }
    const wait = { seconds: 60, now: () => sqs.now, pause }
    expect(await countReturns(destination, result, wait)).toEqual({ back: 1, settled: true })
    await run()
    pauses = 10
    expect(await countReturns(destination, result, wait)).toMatchObject({ settled: false })
  })
})

describe('a replay that is killed', () => {
  const letters = [
    ['ord_1', 1],
    ['ord_1', 2],
    ['ord_2', 1],
    ['ord_1', 3],
  ] as const

  /** Kills a run at every call, before and after its effect; then runs again until the end. */
  const atEveryCall = async (
    fifo: boolean,
    pauseMilliseconds: number,
    check: (parking: ReturnType<typeof aParking>, sent: { subject: string; sequence: number }[]) => void,
  ): Promise<number> => {
    let deaths = 0
    for (const when of ['before', 'after'] as const)
      for (let nth = 1; ; nth++) {
        const parking = aParking({ fifo })
        for (const [subject, sequence] of letters) await parking.park(subject, sequence)
        let calls = 0
        parking.sqs.intrude = (_, moment) => {
          if (moment === 'before') calls += 1
          // The dead make no more calls.
          if (calls > nth || (calls === nth && moment === when)) throw new Killed()
        }
        const died = await parking.run().then(
          () => false,
          (error: unknown) => {
            if (!(error instanceof Killed)) throw error
            return true
          },
        )
        if (!died) break
        deaths += 1
        parking.sqs.intrude = () => {}
        const before = parking.sent()
        parking.consume()
        parking.sqs.now += pauseMilliseconds
        await parking.run()
        check(parking, [...before, ...parking.sent()])
      }
    return deaths
  }

  it('anywhere, and run again when its letters are visible, has sent each letter once and in order', async () => {
    const deaths = await atEveryCall(true, 121_000, ({ parked }, sent) => {
      expect(parked()).toEqual([])
      expect([sequencesOf(sent, 'ord_1'), sequencesOf(sent, 'ord_2')]).toEqual([[1, 2, 3], [1]])
    })
    expect(deaths).toBeGreaterThanOrEqual(20)
  })

  it('anywhere, and run again an hour later, has lost nothing and repeated one letter at most', async () => {
    for (const fifo of [true, false])
      await atEveryCall(fifo, 3_600_000, ({ parked }, sent) => {
        expect(parked()).toEqual([])
        const distinct = new Set(sent.map(({ subject, sequence }) => `${subject} ${sequence}`))
        expect(distinct.size).toBe(letters.length)
        expect(sent.length - distinct.size).toBeLessThanOrEqual(1)
      })
  })

  it('leaves what it had in hand hidden for two minutes, and no longer', async () => {
    const { sqs, park, run, destination } = aParking()
    await park('ord_1', 1)
    sqs.intrude = (operation) => {
      if (operation !== 'ReceiveMessage') throw new Killed()
    }
    await expect(run()).rejects.toThrow(Killed)
    sqs.intrude = () => {}
    expect(await destination.count()).toEqual({ waiting: 0, hidden: 1 })
    expect((await run()).sent).toEqual([])
    sqs.now += 120_000
    expect((await run()).sent).toHaveLength(1)
  })
})

describe('reading', () => {
  it('ends when what was handed out first is visible again', async () => {
    const { sqs, park, destination } = aParking({ fifo: false })
    for (let n = 1; n <= 10; n++) await park(`ord_${n}`, 1)
    const batches: number[] = []
    for await (const batch of destination.letters()) {
      batches.push(batch.length)
      sqs.now += 121_000
    }
    expect(batches).toEqual([10])
  })
})

describe('a survey', () => {
  it('finds the oldest letter and leaves everything as it was', async () => {
    const { sqs, park, destination, parked } = aParking({ fifo: false })
    const first = sqs.now
    for (let n = 1; n <= 12; n++) {
      await park(`ord_${n}`, 1)
      sqs.now += 60_000
    }
    const { count, letters, oldest } = await survey(destination, 100)
    expect([count.waiting, letters.length, oldest?.getTime()]).toEqual([12, 12, first])
    expect(await destination.count()).toEqual({ waiting: 12, hidden: 0 })
    expect(parked()).toHaveLength(12)
  })
})

describe('a letter that is dropped', () => {
  const reason = { reason: 'test data', by: 'ann@desk', now: () => new Date('2026-11-23T10:00:00Z') }

  it('is archived whole with reason, person and time before it is removed', async () => {
    const { park, destination, parked, sqs } = aParking({ fifo: false })
    await park('ord_1', 1)
    await park('ord_2', 1)
    const kept = new Map<string, string>()
    const [first] = sqs.queue(urls(false).dead)
    const archive = {
      keep: async (key: string, text: string) => {
        expect(parked()).toHaveLength(2)
        kept.set(key, text)
      },
    }
    const dropped = await drop(destination, archive, { ...reason, selection: { ids: [first?.id ?? ''] } })
    expect(dropped.map(({ id }) => id)).toEqual(['message-1'])
    expect(parked().map(({ subject }) => subject)).toEqual(['ord_2'])
    expect(await destination.count()).toEqual({ waiting: 1, hidden: 0 })
    expect(JSON.parse(kept.get('events/message-1.json') ?? '')).toMatchObject({
      destination: 'events',
      reason: 'test data',
      by: 'ann@desk',
      at: '2026-11-23T10:00:00.000Z',
      letter: { id: 'message-1', body: first?.input.MessageBody },
    })
  })

  it('stays when it cannot be archived', async () => {
    const { park, destination, parked } = aParking()
    await park('ord_1', 1)
    const archive = {
      keep: async () => {
        throw new Error('no bucket')
      },
    }
    await expect(drop(destination, archive, { ...reason, selection: {} })).rejects.toThrow('no bucket')
    expect(parked()).toHaveLength(1)
    expect(await destination.count()).toEqual({ waiting: 1, hidden: 0 })
  })
})
