import { randomUUID } from 'node:crypto'
import type { DynamoDBRecord } from 'aws-lambda'
import type { Invocation } from '../lambda/invocation.ts'
import type { QueueProducer } from './queue-transport.ts'

/** Records of a stream that a mapping gave up. */
export interface StreamFailure {
  readonly condition: 'RetryAttemptsExhausted' | 'MaximumRecordAgeExceeded'
  /** At least one, in stream order. */
  readonly records: readonly DynamoDBRecord[]
  readonly mapping: string
  readonly streamArn: string
  readonly shardId: string
  readonly functionArn: string
  /** How often the function was invoked with these records. */
  readonly invocations: number
  /** The last of these invocations. */
  readonly invocation: Invocation | undefined
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** DestinationConfig.OnFailure of a stream mapping. */
export interface FailureDestination {
  /** Rejects when the destination did not take it; the records are then lost, as on AWS. */
  accept(failure: StreamFailure): Promise<void>
}

/** Sends what failed without the records themselves: Lambda leaves only their sequence numbers in a queue. */
export const failureQueue = (queue: QueueProducer): FailureDestination => ({
  accept: (failure) => queue.send({ body: JSON.stringify(failureDocument(failure)) }),
})

/** Writes what failed with the records, under the key that Lambda uses. */
export const failureBucket = (
  putObject: (key: string, body: string) => Promise<void>,
): FailureDestination => ({
  accept: (failure) =>
    putObject(
      failureKey(failure, randomUUID()),
      JSON.stringify({
        ...failureDocument(failure),
        payload: JSON.stringify({ Records: failure.records }),
      }),
    ),
})

/** `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<id>` */
const failureKey = ({ mapping, shardId, at }: StreamFailure, id: string): string => {
  const [date = '', time = ''] = new Date(at).toISOString().slice(0, 19).split('T')
  return `aws/lambda/${mapping}/${shardId}/${date.replaceAll('-', '/')}/${date}T${time.replaceAll(':', '.')}-${id}`
}

/** Lambda developer guide, services-dynamodb-errors. */
const failureDocument = (failure: StreamFailure): object => ({
  requestContext: {
    requestId: randomUUID(),
    functionArn: failure.functionArn,
    condition: failure.condition,
    approximateInvokeCount: failure.invocations,
  },
  ...(failure.invocation && {
    responseContext: {
      statusCode: failure.invocation.outcome === 'throttled' ? 429 : 200,
      executedVersion: '$LATEST',
      ...(failure.invocation.outcome === 'failed' && { functionError: 'Unhandled' }),
    },
  }),
  version: '1.0',
  timestamp: new Date(failure.at).toISOString(),
  DDBStreamBatchInfo: {
    shardId: failure.shardId,
    startSequenceNumber: failure.records[0]?.dynamodb?.SequenceNumber,
    endSequenceNumber: failure.records.at(-1)?.dynamodb?.SequenceNumber,
    approximateArrivalOfFirstRecord: arrival(failure.records[0]),
    approximateArrivalOfLastRecord: arrival(failure.records.at(-1)),
    batchSize: failure.records.length,
    streamArn: failure.streamArn,
  },
})

const arrival = (record: DynamoDBRecord | undefined): string =>
  `${new Date((record?.dynamodb?.ApproximateCreationDateTime ?? 0) * 1_000).toISOString().slice(0, 19)}Z`
