import type { DynamoDBRecord } from 'aws-lambda'
import type { ShardDescription, StreamPage, StreamPosition, StreamSource } from './stream-source.ts'

/** A stream for tests and simulations: shards that can be written, closed and given children. */
export class InMemoryStream implements StreamSource {
  readonly streamArn = 'arn:aws:dynamodb:eu-west-1:000000000000:table/things/stream/2026-01-01T00:00:00.000'
  readonly #shards = new Map<string, { parent?: string; closed: boolean; records: DynamoDBRecord[] }>()

  open(shardId: string, parentShardId?: string): void {
    this.#shards.set(shardId, {
      ...(parentShardId !== undefined && { parent: parentShardId }),
      closed: false,
      records: [],
    })
  }

  append(shardId: string, ...records: readonly DynamoDBRecord[]): void {
    this.#shard(shardId).records.push(...records)
  }

  /** No more records come; readers reach the shard's end. */
  closeShard(shardId: string): void {
    this.#shard(shardId).closed = true
  }

  async shards(): Promise<readonly ShardDescription[]> {
    return [...this.#shards].map(([shardId, { parent }]) => ({
      shardId,
      ...(parent !== undefined && { parentShardId: parent }),
    }))
  }

  async read(shardId: string, from: StreamPosition, limit: number): Promise<StreamPage> {
    const { records, closed } = this.#shard(shardId)
    const start =
      typeof from === 'object' ? indexAfter(records, from.after) : from === 'LATEST' ? records.length : 0
    const page = records.slice(start, start + limit)
    if (closed && start + page.length === records.length) return { records: page, next: undefined }
    const last = records[start + page.length - 1]?.dynamodb?.SequenceNumber
    return { records: page, next: last === undefined ? 'TRIM_HORIZON' : { after: last } }
  }

  #shard(shardId: string) {
    const shard = this.#shards.get(shardId)
    if (!shard) throw new Error(`No such shard: ${shardId}`)
    return shard
  }
}

const indexAfter = (records: readonly DynamoDBRecord[], sequenceNumber: string): number => {
  const index = records.findIndex(
    (record) => BigInt(record.dynamodb?.SequenceNumber ?? 0) > BigInt(sequenceNumber),
  )
  return index === -1 ? records.length : index
}
