import { expect, test } from 'vitest'
import { InMemoryQueue } from '../events/in-memory-queue.ts'
import { ManualClock } from '../manual-clock.ts'
import type { DeliveryFault } from './delivery-fault.ts'
import { exactFaultPlan } from './fault-plan.ts'
import { FaultyQueue } from './faulty-queue.ts'

const never = new AbortController().signal

const scenario = (name: string, ...faults: readonly (DeliveryFault | undefined)[]) => {
  const clock = new ManualClock()
  const queue = new InMemoryQueue({
    queueArn: `arn:aws:sqs:eu-west-1:000000000000:${name}`,
    clock,
    contentBasedDeduplication: true,
  })
  const via = name.endsWith('.fifo') ? 'fifo queue' : 'standard queue'
  const plan = exactFaultPlan(
    faults.flatMap((fault, index) => (fault ? [{ via, source: 'Work', nth: index + 1, fault }] : [])),
  )
  const faulty = new FaultyQueue({ queue, visibility: queue, plan, clock, source: 'Work' })
  const receive = async (limit = 10) => {
    const messages = await faulty.receive(limit, 0, never)
    return messages.map(({ Body }) => Body)
  }
  const send = async (...bodies: readonly string[]) => {
    for (const body of bodies) await queue.send({ body, groupId: body.slice(0, 1) })
  }
  return { clock, queue, faulty, receive, send, plan }
}

test('a message is handed out again a while after it was deleted', async () => {
  const { clock, queue, faulty, receive, send } = scenario('work', { kind: 'duplicate', ms: 5_000 })
  await send('a')
  const [first] = await faulty.receive(10, 0, never)
  await faulty.delete([first?.ReceiptHandle ?? ''])
  expect(queue.messages()).toEqual([])
  await clock.advance(4_999)
  expect(await receive()).toEqual([])
  await clock.advance(1)
  expect(await receive()).toEqual(['a'])
  await clock.advance(100_000)
  expect(await receive()).toEqual([])
})

test('a message that is late comes after those that were sent after it', async () => {
  const { clock, receive, send } = scenario('work', { kind: 'late', ms: 2_000 })
  await send('a')
  expect(await receive()).toEqual([])
  await send('b')
  expect(await receive()).toEqual(['b'])
  await clock.advance(2_000)
  expect(await receive()).toEqual(['a'])
})

test('a late message of a FIFO queue keeps the rest of its group back', async () => {
  const { clock, queue, faulty, receive, send } = scenario('work.fifo', { kind: 'late', ms: 2_000 })
  await send('a1', 'a2', 'b1')
  expect(await receive(1)).toEqual([])
  expect(await receive()).toEqual(['b1'])
  await clock.advance(2_000)
  const [late] = await faulty.receive(10, 0, never)
  expect(late?.Body).toBe('a1')
  expect(queue.messages().map(({ receiveCount }) => receiveCount)).toContain(0)
  await faulty.delete([late?.ReceiptHandle ?? ''])
  expect(await receive()).toEqual(['a2'])
})

test('a long poll ends when a late message is due', async () => {
  const { clock, faulty, receive, send } = scenario('work', { kind: 'late', ms: 2_000 })
  await send('a')
  await receive()
  const poll = faulty.receive(10, 20, never)
  await clock.advance(2_000)
  expect((await poll).map(({ Body }) => Body)).toEqual(['a'])
})

test('the messages of one receive come in another order', async () => {
  const bodies = ['a', 'b', 'c', 'd', 'e', 'f']
  const { receive, send } = scenario('work', { kind: 'shuffle', salt: 1 })
  await send(...bodies)
  const received = await receive()
  expect(received).not.toEqual(bodies)
  expect(received.toSorted()).toEqual(bodies)
})

test.each(['work', 'work.fifo'])(
  '%s: what is pulled and not handed out comes again with its receive count spent',
  async (name) => {
    const { clock, faulty, receive, send } = scenario(name, { kind: 'over_pull' })
    await send('a')
    expect(await receive()).toEqual([])
    expect(await receive()).toEqual([])
    await clock.advance(30_000)
    expect(await faulty.receive(10, 0, never)).toMatchObject([
      { Body: 'a', Attributes: { ApproximateReceiveCount: '2' } },
    ])
  },
)

test('a message whose visibility ends mid-work is held by two, and the first cannot delete it', async () => {
  const { queue, faulty, send } = scenario('work', { kind: 'expire' })
  await send('a')
  const [first] = await faulty.receive(10, 0, never)
  const [second] = await faulty.receive(10, 0, never)
  expect([first?.Body, second?.Body]).toEqual(['a', 'a'])
  await faulty.delete([first?.ReceiptHandle ?? ''])
  expect(queue.messages()).toHaveLength(1)
  await faulty.delete([second?.ReceiptHandle ?? ''])
  expect(queue.messages()).toEqual([])
})

test('a receive without messages is no delivery', async () => {
  const { receive, send, plan } = scenario('work', { kind: 'over_pull' })
  expect(await receive()).toEqual([])
  expect(plan.injected).toEqual([])
  await send('a')
  await receive()
  expect(plan.injected).toHaveLength(1)
})
