import type { SQSEvent } from 'aws-lambda'
import { expect, test } from 'vitest'
import { pause } from '../clock.ts'
import type { Invocation } from '../lambda/invocation.ts'
import { ManualClock } from '../manual-clock.ts'
import type { QueueConsumer, ReceivedMessage } from './queue-transport.ts'
import { ScriptedFunction, succeeded } from './scripted-function.ts'
import { SqsEventSource, type SqsEventSourceConfig } from './sqs-event-source.ts'

const message = (id: string): ReceivedMessage => ({
  MessageId: id,
  ReceiptHandle: `handle-${id}`,
  Body: id,
  MD5OfBody: '',
  Attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: 's',
    ApproximateFirstReceiveTimestamp: '0',
  },
})

const scenario = (
  ids: readonly string[],
  answer: () => Invocation | Promise<Invocation>,
  config: Partial<SqsEventSourceConfig>,
) => {
  const clock = new ManualClock()
  const waiting = ids.map(message)
  const deleted: string[] = []
  const queue: QueueConsumer = {
    queueArn: 'arn:aws:sqs:eu-west-1:000000000000:work',
    receive: async (limit, waitSeconds, signal) => {
      if (waiting.length === 0) await pause(clock, waitSeconds * 1_000, signal)
      return waiting.splice(0, limit)
    },
    delete: async (handles) => void deleted.push(...handles),
  }
  const target = new ScriptedFunction<SQSEvent>(answer)
  const source = new SqsEventSource(
    { name: 'Mapping', visibilityTimeoutSeconds: 30, ...config },
    { queue, function: target, clock, observe: () => {} },
  )
  source.start()
  return { clock, deleted, target, source }
}
const bodies = (event: SQSEvent) => event.Records.map((record) => record.body)

test.each([
  [2, { maximumConcurrency: 2 }],
  [5, {}],
])('runs %i batches at once with %j, and takes the next message when one is done', async (limit, config) => {
  const gates: PromiseWithResolvers<Invocation>[] = []
  const s = scenario(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    () => {
      const gate = Promise.withResolvers<Invocation>()
      gates.push(gate)
      return gate.promise
    },
    { batchSize: 1, ...config },
  )
  await s.clock.advance(0)
  expect(s.target.events).toHaveLength(limit)
  gates[0]?.resolve(succeeded())
  await s.clock.advance(0)
  expect(s.target.events).toHaveLength(limit + 1)
  expect(s.deleted).toEqual(['handle-a'])
  const closed = s.source.close()
  for (const gate of gates) gate.resolve(succeeded())
  await closed
})

test('a window that closes hands over what came, and a late message opens the next batch', async () => {
  const s = scenario(['a', 'b'], () => succeeded(), { batchSize: 20, maximumBatchingWindowInSeconds: 5 })
  await s.clock.advance(4_999)
  expect(s.target.events).toEqual([])
  await s.clock.advance(1)
  expect(s.target.events.map(bodies)).toEqual([['a', 'b']])
  await s.source.close()
})

test('closing waits for the running batch and its deletion', async () => {
  const gate = Promise.withResolvers<Invocation>()
  const s = scenario(['a'], () => gate.promise, {})
  await s.clock.advance(0)
  let closed = false
  const closing = s.source.close().then(() => {
    closed = true
  })
  await s.clock.advance(0)
  expect(closed).toBe(false)
  gate.resolve(succeeded())
  await closing
  expect(s.deleted).toEqual(['handle-a'])
})
