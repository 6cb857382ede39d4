import type { SQSRecord } from 'aws-lambda'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { capturedOutput } from './captured-output.ts'
import { invocationOf } from './invocation-of.ts'
import { logger } from './logger.ts'
import { Postponed } from './postponed.ts'
import { fifoFunction, type Message, queueFunction } from './queue-function.ts'

const Job = z.object({ name: z.string(), correlationid: z.optional(z.string()) })
type Job = z.infer<typeof Job>

const aRecord = (
  messageId: string,
  body: unknown,
  more: { group?: string; attributes?: Record<string, string>; trace?: string } = {},
): SQSRecord => ({
  messageId,
  receiptHandle: '',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes: {
    ApproximateReceiveCount: '2',
    SentTimestamp: '0',
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '0',
    ...(more.group && { MessageGroupId: more.group }),
    ...(more.trace && { AWSTraceHeader: more.trace }),
  },
  messageAttributes: Object.fromEntries(
    Object.entries(more.attributes ?? {}).map(([name, stringValue]) => [
      name,
      { dataType: 'String', stringValue },
    ]),
  ),
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: '',
  awsRegion: 'eu-west-1',
})

const job = (messageId: string, group?: string) =>
  aRecord(messageId, { name: messageId }, group ? { group } : {})

/** Handles every message whose name does not begin with `bad`, and remembers all that it was given. */
const worker = () => {
  const given: Message<Job>[] = []
  const handle = async (message: Message<Job>) => {
    given.push(message)
    logger.info('Working')
    if (message.body.name.startsWith('bad')) throw new Error(`no ${message.body.name}`)
  }
  return { given, handle, names: () => given.map(({ body }) => body.name) }
}

const run = (entry: ReturnType<typeof queueFunction>, Records: SQSRecord[]) =>
  entry({ Records }, invocationOf('request-1'))

describe('a function on a standard queue', () => {
  test('returns the messages that failed and no others', async () => {
    capturedOutput()
    const { handle, names } = worker()
    const response = await run(queueFunction({ body: Job }, handle), [job('a'), job('bad'), job('c')])
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }] })
    expect(names()).toEqual(['a', 'bad', 'c'])
  })

  test('names every message when all fail, instead of failing itself', async () => {
    capturedOutput()
    const response = await run(queueFunction({ body: Job }, worker().handle), [job('bad1'), job('bad2')])
    expect(response.batchItemFailures).toHaveLength(2)
  })

  test('forgets the failures of the batch before', async () => {
    capturedOutput()
    const entry = queueFunction({ body: Job }, worker().handle)
    await run(entry, [job('bad')])
    expect(await run(entry, [job('a')])).toEqual({ batchItemFailures: [] })
  })

  test.each([
    ['is no JSON', 'hello'],
    ['does not fit the schema', '{"name":7}'],
  ])('leaves a message that %s to its DLQ without handling it', async (_, body) => {
    const output = capturedOutput()
    const { handle, given } = worker()
    const response = await run(queueFunction({ body: Job }, handle), [aRecord('poison', body)])
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'poison' }] })
    expect(given).toEqual([])
    expect(output.lines()).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        messageId: 'poison',
        receiveCount: 2,
        correlation_id: 'poison',
      }),
    )
    expect(output.lines()).toContainEqual(expect.objectContaining({ MessageFailed: 1 }))
  })

  test("logs each message's lines under its own trace and correlation id", async () => {
    const output = capturedOutput()
    const traceOf = (digit: string) => ({
      traceparent: `00-${digit.repeat(32)}-${'1'.repeat(16)}-01`,
      correlationId: `c-${digit}`,
    })
    const { handle, given } = worker()
    await run(queueFunction({ body: Job }, handle), [
      aRecord('m-2', { name: 'x' }, { attributes: traceOf('2') }),
      aRecord('m-3', { name: 'x' }, { attributes: traceOf('3') }),
    ])
    expect(output.lines().map(({ trace_id, correlation_id }) => [trace_id, correlation_id])).toEqual([
      ['2'.repeat(32), 'c-2'],
      ['3'.repeat(32), 'c-3'],
    ])
    expect(given.map(({ cause }) => cause.correlationId)).toEqual(['c-2', 'c-3'])
  })

  test("does not put one message's log keys on the next one's lines", async () => {
    const output = capturedOutput()
    const entry = queueFunction({ body: Job }, async ({ body }) => {
      logger.info(body.name)
      logger.appendKeys({ [`only_${body.name}`]: true })
    })
    await run(entry, [job('a'), job('b')])
    expect(output.lines()[1]).not.toHaveProperty('only_a')
  })

  test('takes the correlation id out of the message where it says so', async () => {
    capturedOutput()
    const { handle, given } = worker()
    const options = { body: Job, correlationId: ({ correlationid }: Job) => correlationid }
    await run(queueFunction(options, handle), [aRecord('m', { name: 'x', correlationid: 'c-9' }), job('n')])
    expect(given.map(({ cause }) => cause.correlationId)).toEqual(['c-9', 'n'])
  })

  test("goes on in X-Ray's trace when the message has no traceparent", async () => {
    capturedOutput()
    const { handle, given } = worker()
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
    await run(queueFunction({ body: Job }, handle), [aRecord('m', { name: 'x' }, { trace })])
    expect(given[0]?.cause.traceparent).toContain('5759e988bd862e3fe1be46a994272793')
  })
})

describe('a function on a FIFO queue', () => {
  test('stops a group at its first failure and goes on with the others', async () => {
    capturedOutput()
    const { handle, names } = worker()
    const response = await run(fifoFunction({ body: Job }, handle), [
      job('a1', 'A'),
      job('bad', 'A'),
      job('b1', 'B'),
      job('a3', 'A'),
      job('b2', 'B'),
    ])
    expect(names()).toEqual(['a1', 'bad', 'b1', 'b2'])
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'bad' }, { itemIdentifier: 'a3' }] })
  })

  test('keeps a message that is postponed, without calling it a failure', async () => {
    const output = capturedOutput()
    const later = fifoFunction({ body: Job }, async () => {
      throw new Postponed('in an hour')
    })
    const response = await run(later, [job('a', 'A')])
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }] })
    expect(output.lines().filter((line) => line.level === 'ERROR' || 'MessageFailed' in line)).toEqual([])
  })

  test('handles a group again in the next batch', async () => {
    capturedOutput()
    const { handle, names } = worker()
    const entry = fifoFunction({ body: Job }, handle)
    await run(entry, [job('bad', 'A')])
    expect(await run(entry, [job('a2', 'A')])).toEqual({ batchItemFailures: [] })
    expect(names()).toEqual(['bad', 'a2'])
  })
})
