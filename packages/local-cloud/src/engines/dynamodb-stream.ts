import { createHash } from 'node:crypto'
import type { DynamoDBRecord } from 'aws-lambda'
import type { Environment } from '../arn.ts'
import type { ShardDescription, StreamPage, StreamPosition, StreamSource } from '../events/stream-source.ts'
import { streamArnOf } from '../template/resource-identity.ts'
import type { DynamoDbApi } from './dynamodb-api.ts'

/** A record as the streams API tells it. */
interface EngineRecord extends DynamoDBRecord {
  readonly dynamodb: NonNullable<DynamoDBRecord['dynamodb']> & { readonly SequenceNumber: string }
}

interface StreamDescription {
  readonly StreamDescription: {
    readonly Shards?: readonly { readonly ShardId: string; readonly ParentShardId?: string }[]
  }
}

interface RecordsAnswer {
  readonly Records: readonly EngineRecord[]
  readonly NextShardIterator?: string
}

/**
 * The engine counts 1, 2, 3; AWS's sequence numbers have 21 digits and more, which a JavaScript number cannot hold.
 * Raised so far that code that compares them as numbers fails here as it would there.
 */
const sequenceOffset = 10n ** 20n
const toAwsSequenceNumber = (engine: string): string => String(sequenceOffset + BigInt(engine))
const toEngineSequenceNumber = (aws: string): string => String(BigInt(aws) - sequenceOffset).padStart(21, '0')

/** Whether a call of the streams API (`GetRecords`) on a stream may be made; rejects when not. */
export type AdmitStreamCall = (operation: string, streamArn: string) => Promise<void>

export interface DynamoDbStreamOptions {
  readonly api: DynamoDbApi
  readonly environment: Environment
  readonly tableName: string
  readonly admit?: AdmitStreamCall | undefined
}

/** Reads one table's stream through the engine's streams API. The engine's own ARN of the stream stays inside. */
export const dynamoDbStream = (options: DynamoDbStreamOptions): StreamSource => {
  const { api, environment, tableName, admit } = options
  const streamArn = streamArnOf(environment, tableName)
  let engineArn: string | undefined
  /** Per shard the iterator that goes on where the last page ended, so that following a stream costs one call a page. */
  const continuations = new Map<string, { readonly from: string; readonly iterator: string }>()

  const callStreams = async <Answer>(operation: string, input: object): Promise<Answer> => {
    await admit?.(operation, streamArn)
    return api<Answer>('DynamoDBStreams', operation, input)
  }

  const findEngineArn = async (): Promise<string> => {
    if (engineArn === undefined) {
      const { Table } = await api<{ Table: { LatestStreamArn?: string } }>('DynamoDB', 'DescribeTable', {
        TableName: tableName,
      })
      if (Table.LatestStreamArn === undefined) throw new Error(`Table ${tableName} has no stream`)
      engineArn = Table.LatestStreamArn
    }
    return engineArn
  }

  const iteratorFor = async (shardId: string, from: Exclude<StreamPosition, 'LATEST'>): Promise<string> => {
    const continuation = continuations.get(shardId)
    if (continuation?.from === textOf(from)) return continuation.iterator
    const { ShardIterator } = await callStreams<{ ShardIterator: string }>('GetShardIterator', {
      StreamArn: await findEngineArn(),
      ShardId: shardId,
      ...(typeof from === 'object'
        ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: toEngineSequenceNumber(from.after) }
        : { ShardIteratorType: from }),
    })
    return ShardIterator
  }

  /** An iterator of type LATEST names no sequence number to come back to, so the shard is read to its end. */
  const newest = async (shardId: string): Promise<StreamPosition> => {
    let position: StreamPosition = 'TRIM_HORIZON'
    let iterator: string | undefined = await iteratorFor(shardId, position)
    while (iterator !== undefined) {
      const answer: RecordsAnswer = await callStreams('GetRecords', { ShardIterator: iterator })
      const last = answer.Records.at(-1)
      if (last === undefined) break
      position = { after: toAwsSequenceNumber(last.dynamodb.SequenceNumber) }
      iterator = answer.NextShardIterator
    }
    return position
  }

  const toLambdaRecord = (record: EngineRecord): DynamoDBRecord => {
    const sequenceNumber = toAwsSequenceNumber(record.dynamodb.SequenceNumber)
    return {
      ...record,
      eventID: createHash('md5').update(`${streamArn} ${sequenceNumber}`).digest('hex'),
      awsRegion: environment.region,
      dynamodb: { ...record.dynamodb, SequenceNumber: sequenceNumber },
      eventSourceARN: streamArn,
    }
  }

  return {
    streamArn,

    async shards(): Promise<readonly ShardDescription[]> {
      const { StreamDescription } = await callStreams<StreamDescription>('DescribeStream', {
        StreamArn: await findEngineArn(),
      })
      return (StreamDescription.Shards ?? []).map(({ ShardId, ParentShardId }) => ({
        shardId: ShardId,
        ...(ParentShardId !== undefined && { parentShardId: ParentShardId }),
      }))
    },

    async read(shardId, from, limit): Promise<StreamPage> {
      if (from === 'LATEST') return { records: [], next: await newest(shardId) }
      const iterator = await iteratorFor(shardId, from)
      const answer = await callStreams<RecordsAnswer>('GetRecords', {
        ShardIterator: iterator,
        Limit: limit,
      })
      const records = answer.Records.map(toLambdaRecord)
      const last = records.at(-1)?.dynamodb?.SequenceNumber
      if (answer.NextShardIterator === undefined) return { records, next: undefined }
      const next = last === undefined ? from : { after: last }
      continuations.set(shardId, { from: textOf(next), iterator: answer.NextShardIterator })
      return { records, next }
    },
  }
}

const textOf = (position: Exclude<StreamPosition, 'LATEST'>): string =>
  typeof position === 'object' ? position.after : position
