import type { DynamoDBRecord } from 'aws-lambda'

/** Where to read on from. `LATEST` is resolved by the first read that uses it: go on with that page's `next`. */
export type StreamPosition = 'TRIM_HORIZON' | 'LATEST' | { readonly after: string }

/** One shard of a stream. A child is read only when its parent has been read to its end. */
export interface ShardDescription {
  readonly shardId: string
  readonly parentShardId?: string
}

/** Records in stream order. */
export interface StreamPage {
  readonly records: readonly DynamoDBRecord[]
  /**
   * Where the next read goes on; undefined when the shard is closed and read to its end. A position before the last of the records
   * makes the reader fall back: what it reads there does not join the same batch.
   */
  readonly next: StreamPosition | undefined
}

/**
 * A table's change stream as an event source mapping reads it.
 *
 * Records have the shape that Lambda delivers, with ARNs of the environment. Positions outlive restarts of the reader.
 * A record that was trimmed before it was read is skipped without an error, as Lambda does when its checkpoint is too old.
 */
export interface StreamSource {
  readonly streamArn: string
  /** All shards that still hold records or may get some, parents before children. */
  shards(): Promise<readonly ShardDescription[]>
  /** Up to `limit` (1 to 1,000) records after the position; an empty page when there is none yet. Does not wait. */
  read(shardId: string, from: StreamPosition, limit: number): Promise<StreamPage>
}
