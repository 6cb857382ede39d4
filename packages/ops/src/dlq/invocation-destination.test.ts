import { LambdaClient } from '@aws-sdk/client-lambda'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { InMemorySqs } from './in-memory-sqs.ts'
import { InvocationDestination } from './invocation-destination.ts'
import { failedRun, scheduledCall } from './parked-call.ts'
import { replay } from './replay.ts'

const Invoke = z.object({
  FunctionName: z.string(),
  InvocationType: z.string(),
  Payload: z.instanceof(Uint8Array),
})
const dead = 'https://sqs.example/runs-dlq'
const arn = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`
const text = (StringValue: string) => ({ DataType: 'String', StringValue })

const aParking = (read: typeof failedRun) => {
  const sqs = new InMemorySqs()
  const invoked: unknown[] = []
  const lambda = new LambdaClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  })
  lambda.middlewareStack.add(
    () =>
      async ({ input }) => {
        const { FunctionName, InvocationType, Payload } = Invoke.parse(input)
        invoked.push([FunctionName, InvocationType, JSON.parse(Buffer.from(Payload).toString())])
        return { output: { $metadata: {}, StatusCode: 202 }, response: {} }
      },
    { step: 'initialize', priority: 'high' },
  )
  const destination = new InvocationDestination(
    { sqs: sqs.client, lambda },
    { name: 'runs', url: dead, functions: new Map([['stage-ReportSales-1', 'ReportSales']]), read },
  )
  return {
    invoked,
    destination,
    park: (MessageBody: string, MessageAttributes = {}) =>
      sqs.client.send(new SendMessageCommand({ QueueUrl: dead, MessageBody, MessageAttributes })),
    run: () => replay(destination, { pause: async () => undefined }),
    left: () => sqs.queue(dead).length,
  }
}

describe('a run that failed every time', () => {
  const record = (name: string) =>
    JSON.stringify({
      version: '1.0',
      requestContext: { functionArn: `${arn(name)}:$LATEST`, condition: 'RetriesExhausted' },
      requestPayload: { scheduledAt: '2026-11-23T00:10:00Z' },
      responsePayload: { errorType: 'TimeoutError', errorMessage: 'too\nlate', stackTrace: [] },
    })

  it('is called again with what it was due for', async () => {
    const { park, run, invoked, left, destination } = aParking(failedRun)
    await park(record('stage-ReportSales-1'))
    const [[letter] = []] = await Array.fromAsync(destination.letters())
    expect(letter?.subject).toEqual({
      types: ['ReportSales'],
      merchants: [],
      error: 'TimeoutError: too late',
    })
    await destination.release(letter === undefined ? [] : [letter])
    await run()
    expect(invoked).toEqual([['stage-ReportSales-1', 'Event', { scheduledAt: '2026-11-23T00:10:00Z' }]])
    expect(left()).toBe(0)
  })

  it('and fails again at once is left for the next replay, so that this one ends', async () => {
    const { park, destination, invoked } = aParking(failedRun)
    await park(record('stage-ReportSales-1'))
    const { sent, returned } = await replay(destination, {
      pause: async () => undefined,
      onLetter: () => park(record('stage-ReportSales-1')),
    })
    expect([sent.length, returned.size, invoked.length]).toEqual([1, 1, 1])
  })

  it('of a function that is not of this stage is not called, and stays', async () => {
    const { park, run, invoked, left } = aParking(failedRun)
    await park(record('somebody-elses'))
    await park('no record')
    expect((await run()).kept.map(({ reason }) => reason)).toEqual([
      'somebody-elses is no function of this stage',
      'names no function and payload',
    ])
    expect([invoked, left()]).toEqual([[], 2])
  })
})

describe('a tick that the Scheduler gave up', () => {
  it('is called with the time it was due, whatever became of the keyword in its input', async () => {
    const { park, run, invoked, destination } = aParking(scheduledCall)
    await park('{"scheduledAt":"<aws.scheduler.scheduled-time>","other":1}', {
      TARGET_ARN: text(arn('stage-ReportSales-1')),
      SCHEDULED_TIME: text('2026-11-23T00:10:00Z'),
      ERROR_CODE: text('AccessDeniedException'),
      ERROR_MESSAGE: text('not you'),
    })
    const [[letter] = []] = await Array.fromAsync(destination.letters())
    expect(letter?.subject).toMatchObject({ types: ['ReportSales'], error: 'AccessDeniedException: not you' })
    await destination.release(letter === undefined ? [] : [letter])
    await run()
    expect(invoked).toEqual([
      ['stage-ReportSales-1', 'Event', { scheduledAt: '2026-11-23T00:10:00Z', other: 1 }],
    ])
  })

  it('without its time stays', async () => {
    const { park, run, invoked } = aParking(scheduledCall)
    await park('{}', { TARGET_ARN: text(arn('stage-ReportSales-1')) })
    expect((await run()).kept).toHaveLength(1)
    expect(invoked).toEqual([])
  })
})
