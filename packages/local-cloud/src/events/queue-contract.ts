import { describe, expect, it } from 'vitest'
import type { QueueConsumer, QueueProducer, QueueVisibility, ReceivedMessage } from './queue-transport.ts'

export type TestQueue = QueueConsumer & QueueProducer & QueueVisibility

export interface ContractQueueConfig {
  readonly fifo?: boolean
  readonly visibilityTimeoutSeconds?: number
  /** A dead-letter queue takes what was received that often. */
  readonly maxReceiveCount?: number
}

/** How the contract makes queues and lets time pass. */
export interface QueueWorld {
  create(config: ContractQueueConfig): Promise<{ readonly queue: TestQueue; readonly deadLetters: TestQueue }>
  pass(seconds: number): Promise<void>
}

const never = new AbortController().signal
const bodiesOf = (messages: readonly ReceivedMessage[]): readonly string[] => messages.map(({ Body }) => Body)
const handlesOf = (messages: readonly ReceivedMessage[]): readonly string[] =>
  messages.map(({ ReceiptHandle }) => ReceiptHandle)

/** What every queue does, in memory or behind SQS's protocol. */
export const describeQueue = (name: string, world: QueueWorld): void => {
  const receive = (queue: TestQueue, limit = 10) => queue.receive(limit, 0, never)

  describe(`${name}: a standard queue`, () => {
    it('hands a message out with what it was sent with', async () => {
      const { queue } = await world.create({})
      const attributes = { kind: { DataType: 'String', StringValue: 'order' } }
      await queue.send({ body: 'a', attributes })
      expect(await receive(queue)).toMatchObject([
        {
          Body: 'a',
          MD5OfBody: '0cc175b9c0f1b6a831c399e269772661',
          MessageAttributes: attributes,
          Attributes: { ApproximateReceiveCount: '1' },
        },
      ])
    })

    it('hands out as many as were asked for, each once', async () => {
      const { queue } = await world.create({})
      for (const body of ['a', 'b', 'c']) await queue.send({ body })
      const first = await receive(queue, 2)
      expect(first).toHaveLength(2)
      const second = await receive(queue, 2)
      expect([...bodiesOf(first), ...bodiesOf(second)].sort()).toEqual(['a', 'b', 'c'])
      expect(await receive(queue)).toEqual([])
    })

    it('hides what was received until its visibility timeout ends, and counts the receives', async () => {
      const { queue } = await world.create({ visibilityTimeoutSeconds: 1 })
      await queue.send({ body: 'a' })
      await receive(queue)
      expect(await receive(queue)).toEqual([])
      await world.pass(1.1)
      expect(await receive(queue)).toMatchObject([
        { Body: 'a', Attributes: { ApproximateReceiveCount: '2' } },
      ])
    })

    it('never hands out what was deleted', async () => {
      const { queue } = await world.create({ visibilityTimeoutSeconds: 1 })
      await queue.send({ body: 'a' })
      await queue.delete(handlesOf(await receive(queue)))
      await world.pass(1.1)
      expect(await receive(queue)).toEqual([])
    })

    it('keeps a message that a handle of an earlier receive deletes', async () => {
      const { queue } = await world.create({})
      await queue.send({ body: 'a' })
      const [first] = await receive(queue)
      await queue.changeVisibility(first?.ReceiptHandle ?? '', 0)
      const [second] = await receive(queue)
      await queue.delete(handlesOf(first ? [first] : []))
      await queue.changeVisibility(second?.ReceiptHandle ?? '', 0)
      expect(bodiesOf(await receive(queue))).toEqual(['a'])
    })

    it('brings a message back when its receiver says so', async () => {
      const { queue } = await world.create({ visibilityTimeoutSeconds: 30 })
      await queue.send({ body: 'a' })
      const [message] = await receive(queue)
      await queue.changeVisibility(message?.ReceiptHandle ?? '', 1)
      expect(await receive(queue)).toEqual([])
      await world.pass(1.1)
      expect(bodiesOf(await receive(queue))).toEqual(['a'])
    })

    it('holds a message back that was sent with a delay', async () => {
      const { queue } = await world.create({})
      await queue.send({ body: 'a', delaySeconds: 1 })
      expect(await receive(queue)).toEqual([])
      await world.pass(1.1)
      expect(bodiesOf(await receive(queue))).toEqual(['a'])
    })

    it('gives up what was received too often, to its dead-letter queue', async () => {
      const { queue, deadLetters } = await world.create({ maxReceiveCount: 2 })
      await queue.send({ body: 'poison' })
      for (let time = 0; time < 2; time += 1) {
        const [message] = await receive(queue)
        expect(await receive(deadLetters)).toEqual([])
        await queue.changeVisibility(message?.ReceiptHandle ?? '', 0)
      }
      expect(await receive(queue)).toEqual([])
      expect(bodiesOf(await receive(deadLetters))).toEqual(['poison'])
    })

    it('ends a long poll when a message comes', async () => {
      const { queue } = await world.create({})
      const poll = queue.receive(10, 20, never)
      await world.pass(0.1)
      await queue.send({ body: 'a' })
      expect(bodiesOf(await poll)).toEqual(['a'])
    })

    it('ends a long poll when a message becomes visible again', async () => {
      const { queue } = await world.create({ visibilityTimeoutSeconds: 1 })
      await queue.send({ body: 'a' })
      await receive(queue)
      const poll = queue.receive(10, 20, never)
      await world.pass(1.5)
      expect(bodiesOf(await poll)).toEqual(['a'])
    })

    it('ends a long poll empty-handed when its time is over', async () => {
      const { queue } = await world.create({})
      const poll = queue.receive(10, 1, never)
      await world.pass(1.1)
      expect(await poll).toEqual([])
    })
  })

  describe(`${name}: a FIFO queue`, () => {
    it('keeps a group back while one of its messages is in flight, and no other group', async () => {
      const { queue } = await world.create({ fifo: true })
      await queue.send({ body: 'a1', groupId: 'a' })
      await queue.send({ body: 'a2', groupId: 'a' })
      await queue.send({ body: 'b1', groupId: 'b' })
      const first = await receive(queue, 1)
      expect(bodiesOf(first)).toEqual(['a1'])
      expect(bodiesOf(await receive(queue))).toEqual(['b1'])
      await queue.delete(handlesOf(first))
      expect(bodiesOf(await receive(queue))).toEqual(['a2'])
    })

    it('brings a message back before those behind it', async () => {
      const { queue } = await world.create({ fifo: true })
      await queue.send({ body: 'a1', groupId: 'a' })
      await queue.send({ body: 'a2', groupId: 'a' })
      const [first] = await receive(queue, 1)
      await queue.changeVisibility(first?.ReceiptHandle ?? '', 0)
      expect(bodiesOf(await receive(queue, 1))).toEqual(['a1'])
    })

    it('takes a deduplication id once', async () => {
      const { queue } = await world.create({ fifo: true })
      await queue.send({ body: 'a', groupId: 'a', deduplicationId: '1' })
      await queue.delete(handlesOf(await receive(queue)))
      await queue.send({ body: 'a', groupId: 'a', deduplicationId: '1' })
      await queue.send({ body: 'b', groupId: 'a', deduplicationId: '2' })
      expect(bodiesOf(await receive(queue))).toEqual(['b'])
    })

    it('goes on with a group when its first message was given up', async () => {
      const { queue, deadLetters } = await world.create({ fifo: true, maxReceiveCount: 1 })
      await queue.send({ body: 'poison', groupId: 'a' })
      await queue.send({ body: 'a2', groupId: 'a' })
      const [message] = await receive(queue, 1)
      await queue.changeVisibility(message?.ReceiptHandle ?? '', 0)
      expect(bodiesOf(await receive(queue, 1))).toEqual(['a2'])
      expect(await receive(deadLetters)).toMatchObject([
        { Body: 'poison', Attributes: { MessageGroupId: 'a' } },
      ])
    })

    it('refuses a message without a group', async () => {
      const { queue } = await world.create({ fifo: true })
      await expect(queue.send({ body: 'a' })).rejects.toMatchObject({ code: 'MissingParameter' })
    })
  })
}
