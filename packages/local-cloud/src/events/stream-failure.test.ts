import type { DynamoDBRecord } from 'aws-lambda'
import { expect, test } from 'vitest'
import { failureBucket, failureQueue, type StreamFailure } from './stream-failure.ts'

const record = (SequenceNumber: string, seconds: number): DynamoDBRecord => ({
  eventName: 'INSERT',
  dynamodb: { SequenceNumber, ApproximateCreationDateTime: seconds, Keys: { pk: { S: 'a' } } },
})

const failure: StreamFailure = {
  condition: 'RetryAttemptsExhausted',
  records: [
    record('7', Date.parse('2026-01-02T03:04:00Z') / 1_000),
    record('9', Date.parse('2026-01-02T03:04:01Z') / 1_000),
  ],
  mapping: 'Mapping',
  streamArn: 'arn:stream',
  shardId: 'shardId-1',
  functionArn: 'arn:function',
  invocations: 3,
  invocation: { outcome: 'failed', errorType: 'Error', errorMessage: 'no', payload: null },
  at: Date.parse('2026-01-02T03:04:05.678Z'),
}

const document = {
  requestContext: {
    requestId: expect.any(String),
    functionArn: 'arn:function',
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 3,
  },
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  version: '1.0',
  timestamp: '2026-01-02T03:04:05.678Z',
  DDBStreamBatchInfo: {
    shardId: 'shardId-1',
    startSequenceNumber: '7',
    endSequenceNumber: '9',
    approximateArrivalOfFirstRecord: '2026-01-02T03:04:00Z',
    approximateArrivalOfLastRecord: '2026-01-02T03:04:01Z',
    batchSize: 2,
    streamArn: 'arn:stream',
  },
}

test('a bucket gets the records, under the key that Lambda uses', async () => {
  const written: [string, string][] = []
  await failureBucket(async (key, body) => void written.push([key, body])).accept(failure)
  const [[key, body] = ['', '']] = written
  expect(key).toMatch(/^aws\/lambda\/Mapping\/shardId-1\/2026\/01\/02\/2026-01-02T03\.04\.05-[0-9a-f-]{36}$/)
  const { payload, ...rest } = JSON.parse(body)
  expect(rest).toEqual(document)
  expect(JSON.parse(payload)).toEqual({ Records: failure.records })
})

test('a queue gets only the numbers of the records', async () => {
  const sent: string[] = []
  await failureQueue({ queueArn: 'arn:queue', send: async ({ body }) => void sent.push(body) }).accept(
    failure,
  )
  expect(sent.map((body) => JSON.parse(body))).toEqual([document])
})

test('records that were never delivered have no response', async () => {
  const sent: string[] = []
  const queue = failureQueue({ queueArn: 'arn:queue', send: async ({ body }) => void sent.push(body) })
  await queue.accept({
    ...failure,
    condition: 'MaximumRecordAgeExceeded',
    invocations: 0,
    invocation: undefined,
  })
  expect(JSON.parse(sent[0] ?? '')).not.toHaveProperty('responseContext')
})
