import { describe, expect, it } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { InMemoryQueue, type InMemoryQueueConfig } from './in-memory-queue.ts'
import { describeQueue, type QueueWorld } from './queue-contract.ts'

const never = new AbortController().signal
const arn = (name: string) => `arn:aws:sqs:eu-west-1:000000000000:${name}`

const contractWorld = (): QueueWorld => {
  const clock = new ManualClock()
  return {
    create: async ({ fifo = false, visibilityTimeoutSeconds, maxReceiveCount }) => {
      const suffix = fifo ? '.fifo' : ''
      const common = { clock, contentBasedDeduplication: true }
      const deadLetters = new InMemoryQueue({ ...common, queueArn: arn(`work-dlq${suffix}`) })
      const queue = new InMemoryQueue({
        ...common,
        queueArn: arn(`work${suffix}`),
        ...(visibilityTimeoutSeconds !== undefined && { visibilityTimeoutSeconds }),
        ...(maxReceiveCount !== undefined && { redrive: { to: deadLetters, maxReceiveCount } }),
      })
      return { queue, deadLetters }
    },
    pass: (seconds) => clock.advance(seconds * 1_000),
  }
}

describeQueue('in memory', contractWorld())

const create = (config: Partial<InMemoryQueueConfig> = {}) => {
  const clock = new ManualClock()
  const queue = new InMemoryQueue({ queueArn: arn('work.fifo'), clock, ...config })
  const receive = async (limit = 10) => queue.receive(limit, 0, never)
  const bodies = async (limit = 10) => (await receive(limit)).map(({ Body }) => Body)
  return { clock, queue, receive, bodies }
}
const ofGroup = (groupId: string, body: string) => ({ body, groupId, deduplicationId: body })

describe('a queue in memory', () => {
  it('hands several messages of one group out at once, in order', async () => {
    const { queue, bodies } = create()
    for (const body of ['1', '2', '3']) await queue.send(ofGroup('a', body))
    expect(await bodies(2)).toEqual(['1', '2'])
    expect(await bodies()).toEqual([])
  })

  it('keeps a group locked until the last of its messages in flight is back', async () => {
    const { queue, receive, bodies } = create()
    for (const body of ['1', '2', '3']) await queue.send(ofGroup('a', body))
    const [first, second] = await receive(2)
    await queue.changeVisibility(first?.ReceiptHandle ?? '', 0)
    expect(await bodies()).toEqual([])
    await queue.delete([second?.ReceiptHandle ?? ''])
    expect(await bodies()).toEqual(['1', '3'])
  })

  it('lets a busy group not keep the others waiting', async () => {
    const { queue, receive } = create()
    for (const body of ['a1', 'a2', 'a3']) await queue.send(ofGroup('a', body))
    await queue.send(ofGroup('b', 'b1'))
    const order: string[] = []
    for (let n = 0; n < 4; n += 1) {
      for (const { Body, ReceiptHandle } of await receive(1)) {
        order.push(Body)
        await queue.delete([ReceiptHandle])
      }
    }
    expect(order).toEqual(['a1', 'b1', 'a2', 'a3'])
  })

  it('forgets a deduplication id after five minutes, counted from the first message', async () => {
    const { clock, queue } = create()
    await queue.send(ofGroup('a', '1'))
    await clock.advance(299_999)
    await queue.send(ofGroup('a', '1'))
    expect(queue.messages()).toHaveLength(1)
    await clock.advance(1)
    await queue.send(ofGroup('a', '1'))
    expect(queue.messages()).toHaveLength(2)
  })

  it.each([
    ['messageGroup', 2],
    ['queue', 1],
  ] as const)('with the deduplication scope %s takes %i of two groups with one id', async (scope, taken) => {
    const { queue } = create({ deduplicationScope: scope })
    await queue.send({ ...ofGroup('a', '1') })
    await queue.send({ ...ofGroup('b', '1') })
    expect(queue.messages()).toHaveLength(taken)
  })

  it('refuses to delete from a FIFO queue when the visibility timeout is over', async () => {
    const { clock, queue, receive } = create()
    await queue.send(ofGroup('a', '1'))
    const [message] = await receive()
    await clock.advance(30_000)
    await expect(queue.delete([message?.ReceiptHandle ?? ''])).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    })
    expect(queue.messages()).toHaveLength(1)
  })

  it('deletes from a standard queue when the visibility timeout is over and nobody received it again', async () => {
    const { clock, queue, receive } = create({ queueArn: arn('work') })
    await queue.send({ body: '1' })
    const [message] = await receive()
    await clock.advance(30_000)
    await queue.delete([message?.ReceiptHandle ?? ''])
    expect(queue.messages()).toEqual([])
  })

  it('refuses to postpone a message that is visible again, or that another receiver holds', async () => {
    const { clock, queue, receive } = create()
    await queue.send(ofGroup('a', '1'))
    const [first] = await receive()
    await clock.advance(30_000)
    const postpone = () => queue.changeVisibility(first?.ReceiptHandle ?? '', 60)
    await expect(postpone()).rejects.toMatchObject({ code: 'MessageNotInflight' })
    await receive()
    await expect(postpone()).rejects.toMatchObject({ code: 'InvalidParameterValue' })
  })

  it('drops a message when its retention ends', async () => {
    const { clock, queue, bodies } = create({ messageRetentionSeconds: 60 })
    await queue.send(ofGroup('a', '1'))
    await clock.advance(59_999)
    expect(queue.messages()).toHaveLength(1)
    await clock.advance(1)
    expect(queue.messages()).toEqual([])
    expect(await bodies()).toEqual([])
  })

  it.each([
    ['dlq', 'work', 0],
    ['dlq.fifo', 'work.fifo', 1],
  ])(
    'a message in %s that waited for long in %s leaves %i after the retention of its age',
    async (dlq, source, left) => {
      const clock = new ManualClock()
      const deadLetters = new InMemoryQueue({ queueArn: arn(dlq), clock, messageRetentionSeconds: 100 })
      const redrive = { to: deadLetters, maxReceiveCount: 1 }
      const queue = new InMemoryQueue({
        queueArn: arn(source),
        clock,
        redrive,
        contentBasedDeduplication: true,
      })
      await queue.send({ body: '1', groupId: 'a' })
      await queue.receive(1, 0, never)
      await clock.advance(60_000)
      expect(await queue.receive(1, 0, never)).toEqual([])
      expect(deadLetters.messages()).toMatchObject([{ movedFrom: arn(source), receiveCount: 0 }])
      await clock.advance(60_000)
      expect(deadLetters.messages()).toHaveLength(left)
    },
  )

  it('gives the same ids and handles in every run', async () => {
    const run = async () => {
      const { queue, receive } = create()
      for (const body of ['1', '2']) await queue.send(ofGroup(body, body))
      return receive()
    }
    expect(await run()).toEqual(await run())
  })

  it('refuses characters that SQS does not carry', async () => {
    const { queue } = create()
    await expect(queue.send(ofGroup('a', 'a\u0001'))).rejects.toMatchObject({
      code: 'InvalidMessageContents',
    })
  })

  it('serves who has waited longest, and nobody who gave up waiting', async () => {
    const { queue } = create()
    const stopping = new AbortController()
    const [first, second, third] = [
      queue.receive(10, 20, stopping.signal),
      queue.receive(10, 20, never),
      queue.receive(10, 20, never),
    ]
    stopping.abort()
    expect(await first).toEqual([])
    await queue.send(ofGroup('a', '1'))
    await queue.send(ofGroup('b', '2'))
    expect((await second).map(({ Body }) => Body)).toEqual(['1'])
    expect((await third).map(({ Body }) => Body)).toEqual(['2'])
  })

  it('sets no timer while nobody waits', async () => {
    const { clock, queue, receive } = create()
    await queue.send(ofGroup('a', '1'))
    const [message] = await receive()
    const poll = queue.receive(1, 20, never)
    expect(clock.pending).toBe(2)
    await queue.changeVisibility(message?.ReceiptHandle ?? '', 0)
    await poll
    expect(clock.pending).toBe(0)
  })
})
