import type { SQSEvent } from 'aws-lambda'
import { buildApp } from 'fauxqs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import type { Invocation } from '../lambda/invocation.ts'
import type { EventSourceFact } from './event-source-observer.ts'
import { HttpQueue } from './http-queue.ts'
import { failed, ScriptedFunction, succeeded, throttled } from './scripted-function.ts'
import { SqsEventSource, type SqsEventSourceConfig } from './sqs-event-source.ts'

const app = buildApp({ logger: false })
let origin = ''
beforeAll(async () => {
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => app.close())

const headers = {
  authorization: 'AWS4-HMAC-SHA256 Credential=LOCALOPERATOR/20260101/eu-west-1/sqs/aws4_request',
}

const sqs = async (action: string, input: object): Promise<Record<string, unknown>> => {
  const response = await fetch(origin, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
    },
    body: JSON.stringify(input),
  })
  const answer = (await response.json()) as Record<string, unknown>
  if (!response.ok) throw new Error(JSON.stringify(answer))
  return answer
}

const sources: SqsEventSource[] = []
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()))
})

let queues = 0
const createQueue = async (attributes: Record<string, string> = {}) => {
  queues += 1
  const name = `queue-${queues}${attributes.FifoQueue ? '.fifo' : ''}`
  await sqs('CreateQueue', { QueueName: name, Attributes: attributes })
  const queueUrl = `${origin}/000000000000/${name}`
  const queueArn = `arn:aws:sqs:eu-west-1:000000000000:${name}`
  const queue = new HttpQueue({ queueArn, queueUrl, headers })
  const depth = async () => {
    const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl: queueUrl, AttributeNames: ['All'] })
    const {
      ApproximateNumberOfMessages: visible,
      ApproximateNumberOfMessagesNotVisible: hidden,
      ApproximateNumberOfMessagesDelayed: delayed,
    } = Attributes as Record<string, string>
    return Number(visible) + Number(hidden) + Number(delayed)
  }
  const sendAll = (bodies: readonly string[]) =>
    sqs('SendMessageBatch', {
      QueueUrl: queueUrl,
      Entries: bodies.map((MessageBody, index) => ({ Id: `m${index}`, MessageBody })),
    })
  return { queue, queueUrl, depth, sendAll }
}
type TestQueue = Awaited<ReturnType<typeof createQueue>>

/** Starts a mapping; `settled` resolves when the mapping has reported that many facts. */
const map = (
  { queue }: TestQueue,
  target: ScriptedFunction<SQSEvent>,
  config: Partial<SqsEventSourceConfig> = {},
) => {
  const facts: EventSourceFact[] = []
  let changed = Promise.withResolvers<void>()
  const source = new SqsEventSource(
    { name: 'Mapping', visibilityTimeoutSeconds: 1, ...config },
    {
      queue,
      function: target,
      clock: systemClock,
      observe: (fact) => {
        facts.push(fact)
        changed.resolve()
        changed = Promise.withResolvers()
      },
    },
  )
  sources.push(source)
  source.start()
  const settled = async (count: number) => {
    while (facts.length < count) await changed.promise
    await source.close()
  }
  return { facts, settled }
}

const bodies = (event: SQSEvent) => event.Records.map((record) => record.body).sort()
const receiveCounts = (event: SQSEvent) =>
  Object.fromEntries(
    event.Records.map((record) => [record.body, Number(record.attributes.ApproximateReceiveCount)]),
  )
const identifiersOf = (event: SQSEvent, ...wanted: string[]) => ({
  batchItemFailures: event.Records.filter((record) => wanted.includes(record.body)).map((record) => ({
    itemIdentifier: record.messageId,
  })),
})

test('hands a message over in the shape of Lambda and deletes it after success', async () => {
  const target = new ScriptedFunction<SQSEvent>()
  const q = await createQueue()
  await q.queue.send({
    body: '{"n":1}',
    attributes: { traceparent: { DataType: 'String', StringValue: '00-ab-cd-01' } },
  })
  await map(q, target).settled(1)
  expect(target.events).toEqual([
    {
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: '{"n":1}',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: '000000000000',
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            traceparent: {
              stringValue: '00-ab-cd-01',
              stringListValues: [],
              binaryListValues: [],
              dataType: 'String',
            },
          },
          md5OfMessageAttributes: expect.any(String),
          md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: 'aws:sqs',
          eventSourceARN: q.queue.queueArn,
          awsRegion: 'eu-west-1',
        },
      ],
    },
  ])
  expect(await q.depth()).toBe(0)
})

test('returns the named failures to the queue and deletes the others', async () => {
  const target = new ScriptedFunction<SQSEvent>((event, call) =>
    succeeded(call === 1 ? identifiersOf(event, 'b') : null),
  )
  const q = await createQueue({ VisibilityTimeout: '1' })
  await q.sendAll(['a', 'b', 'c'])
  const { settled, facts } = map(q, target, { reportsBatchItemFailures: true })
  await settled(2)
  expect(target.events.map(bodies)).toEqual([['a', 'b', 'c'], ['b']])
  expect(target.events.map(receiveCounts)[1]).toEqual({ b: 2 })
  expect(facts.map((fact) => fact.kind === 'invoked' && fact.verdict)).toEqual(['partial', 'succeeded'])
  expect(await q.depth()).toBe(0)
})

test.each<[string, (event: SQSEvent) => Invocation]>([
  ['an error', () => failed()],
  ['an empty item identifier', () => succeeded({ batchItemFailures: [{ itemIdentifier: '' }] })],
  ['an unknown item identifier', () => succeeded({ batchItemFailures: [{ itemIdentifier: 'other' }] })],
  ['a response that is no object', () => succeeded('done')],
])('keeps the whole batch after %s', async (_, answer) => {
  const target = new ScriptedFunction<SQSEvent>(answer)
  const q = await createQueue({ VisibilityTimeout: '30' })
  await q.sendAll(['a', 'b'])
  await map(q, target, { reportsBatchItemFailures: true, visibilityTimeoutSeconds: 30 }).settled(1)
  expect(await q.depth()).toBe(2)
})

test('ignores the response without ReportBatchItemFailures', async () => {
  const target = new ScriptedFunction<SQSEvent>((event) => succeeded(identifiersOf(event, 'a')))
  const q = await createQueue()
  await q.sendAll(['a'])
  await map(q, target).settled(1)
  expect(await q.depth()).toBe(0)
})

test('a failed message comes back when the function itself shortened its visibility', async () => {
  const q = await createQueue({ VisibilityTimeout: '600' })
  const target = new ScriptedFunction<SQSEvent>(async (event, call) => {
    if (call > 1) return succeeded()
    const ReceiptHandle = event.Records[0]?.receiptHandle
    await sqs('ChangeMessageVisibility', { QueueUrl: q.queueUrl, ReceiptHandle, VisibilityTimeout: 0 })
    return failed()
  })
  await q.sendAll(['a'])
  await map(q, target, { visibilityTimeoutSeconds: 600 }).settled(2)
  expect(target.events.map(receiveCounts)).toEqual([{ a: 1 }, { a: 2 }])
})

test('moves a message to the dead-letter queue after exactly maxReceiveCount failures', async () => {
  const dead = await createQueue()
  const q = await createQueue({
    VisibilityTimeout: '1',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.queue.queueArn, maxReceiveCount: 2 }),
  })
  const target = new ScriptedFunction<SQSEvent>(() => failed())
  const grave = new ScriptedFunction<SQSEvent>()
  await q.sendAll(['poison'])
  map(q, target)
  await map(dead, grave).settled(1)
  expect(target.events.map(receiveCounts)).toEqual([{ poison: 1 }, { poison: 2 }])
  expect(grave.events.map(bodies)).toEqual([['poison']])
})

test('a throttled batch is tried again until its visibility timeout ends, and has spent its receive count', async () => {
  let free = false
  const target = new ScriptedFunction<SQSEvent>((event) => {
    free ||= event.Records[0]?.attributes.ApproximateReceiveCount === '2'
    return free ? succeeded() : throttled
  })
  const q = await createQueue({ VisibilityTimeout: '1' })
  await q.sendAll(['a'])
  const { facts, settled } = map(q, target)
  await settled(2)
  expect(facts.map((fact) => fact.kind === 'invoked' && fact.verdict)).toEqual(['throttled', 'succeeded'])
  expect(target.events.filter((event) => receiveCounts(event).a === 1).length).toBeGreaterThan(1)
})

test('deletes messages that no filter lets pass', async () => {
  const target = new ScriptedFunction<SQSEvent>()
  const q = await createQueue()
  await q.sendAll(['{"type":"wanted"}', '{"type":"other"}', 'no json'])
  const { facts, settled } = map(q, target, {
    filterCriteria: [JSON.stringify({ body: { type: ['wanted'] } })],
  })
  await settled(2)
  expect(target.events.map(bodies)).toEqual([['{"type":"wanted"}']])
  expect(facts[0]).toEqual({ kind: 'filtered', records: 2 })
  expect(await q.depth()).toBe(0)
})

test('collects more than one receive into a batch within its window', async () => {
  const target = new ScriptedFunction<SQSEvent>()
  const q = await createQueue()
  await q.sendAll(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
  await q.sendAll(['i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'])
  await map(q, target, { batchSize: 16, maximumBatchingWindowInSeconds: 30 }).settled(1)
  expect(target.events.map(bodies)).toEqual([[...'abcdefghijklmnop']])
})

test('a group of a FIFO queue stays locked while one of its messages is in flight, other groups go on', async () => {
  const order: string[] = []
  const blocked = Promise.withResolvers<void>()
  const target = new ScriptedFunction<SQSEvent>(async (event) => {
    const body = event.Records[0]?.body ?? ''
    order.push(body)
    if (body === 'slow-1') await blocked.promise
    if (body === 'quick-2') blocked.resolve()
    return succeeded()
  })
  const q = await createQueue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' })
  for (const body of ['slow-1', 'slow-2', 'quick-1', 'quick-2']) {
    await q.queue.send({ body, groupId: body.split('-')[0] ?? '' })
  }
  await map(q, target, { batchSize: 1 }).settled(4)
  expect(order).toEqual(['slow-1', 'quick-1', 'quick-2', 'slow-2'])
  expect(target.events[0]?.Records[0]?.attributes).toMatchObject({
    MessageGroupId: 'slow',
    MessageDeduplicationId: expect.any(String),
    SequenceNumber: expect.stringMatching(/^\d{20}$/),
  })
})

test('a failed FIFO message holds its group back until it comes again', async () => {
  const target = new ScriptedFunction<SQSEvent>((_, call) => (call === 1 ? failed() : succeeded()))
  const q = await createQueue({ FifoQueue: 'true', VisibilityTimeout: '1' })
  for (const body of ['first', 'second']) await q.queue.send({ body, groupId: 'g' })
  await map(q, target, { batchSize: 1 }).settled(3)
  expect(target.events.map(receiveCounts)).toEqual([{ first: 1 }, { first: 2 }, { second: 1 }])
})

test('survives a queue that refuses calls and tells about it', async () => {
  const q = await createQueue()
  const missing = new HttpQueue({
    queueArn: `${q.queue.queueArn}-gone`,
    queueUrl: `${q.queueUrl}-gone`,
    headers,
  })
  const { facts, settled } = map({ ...q, queue: missing }, new ScriptedFunction<SQSEvent>())
  await settled(1)
  expect(facts[0]).toMatchObject({
    kind: 'trouble',
    doing: 'ReceiveMessage',
    error: expect.objectContaining({ message: expect.stringContaining('ReceiveMessage') }),
  })
})

test.each<[string, Partial<SqsEventSourceConfig>]>([
  ['BatchSize above 10 without a window', { batchSize: 11 }],
  ['MaximumConcurrency of 1', { maximumConcurrency: 1 }],
  ['a visibility timeout below the function timeout', { visibilityTimeoutSeconds: 0 }],
])('refuses %s', async (_, config) => {
  const q = await createQueue()
  expect(() => map(q, new ScriptedFunction<SQSEvent>(), config)).toThrow(/^Event source Mapping: /)
})
