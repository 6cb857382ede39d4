import type { DynamoDBRecord } from 'aws-lambda'
import { itemKey } from '../events/item-lanes.ts'
import type { ShardDescription, StreamPage, StreamPosition, StreamSource } from '../events/stream-source.ts'
import { seededHash } from './seeded-hash.ts'

/** A part of one of the stream's own shards: some of its items, from one record to another. */
interface VirtualShard {
  readonly shardId: string
  readonly root: string
  readonly parent: VirtualShard | undefined
  /** Which half of the items at each split: `01`. */
  readonly path: string
  /** The records after this one; undefined from the beginning. */
  readonly start: string | undefined
  /** The last record; undefined while the shard is open. */
  end: string | undefined
  readToItsEnd: boolean
}

/**
 * Splits the shards of a stream as DynamoDB does when a partition splits: the parent ends at a record, and two children go on with
 * half of its items each. Records of one item stay in one line of descent.
 */
export class VirtualShards {
  readonly #stream: StreamSource
  readonly #shards = new Map<string, VirtualShard>()

  constructor(stream: StreamSource) {
    this.#stream = stream
  }

  /** A shard of the stream itself is shown when all that came of its parent has been read. */
  async shards(): Promise<readonly ShardDescription[]> {
    const own = await this.#stream.shards()
    const parentOf = new Map(own.map(({ shardId, parentShardId }) => [shardId, parentShardId]))
    for (const { shardId, parentShardId } of own) {
      if (!parentOf.has(parentShardId ?? '') || this.#isRead(parentShardId)) this.#shard(shardId)
    }
    return [...this.#shards.values()]
      .filter(({ root }) => parentOf.has(root))
      .map(({ shardId, root, parent }) => {
        const parentShardId = parent?.shardId ?? parentOf.get(root)
        return { shardId, ...(parentShardId !== undefined && { parentShardId }) }
      })
  }

  async read(shardId: string, from: StreamPosition, limit: number): Promise<StreamPage> {
    const shard = this.#shard(shardId)
    const { start, end } = shard
    const position = from === 'TRIM_HORIZON' && start !== undefined ? { after: start } : from
    const page = await this.#stream.read(shard.root, position, limit)
    const records = page.records.filter(
      (record) => belongs(record, shard) && (end === undefined || !isAfter(sequenceOf(record), end)),
    )
    // The last record of a closed shard was seen; when nothing is left up to it, it was read or trimmed.
    const last = page.records.at(-1)
    const ended =
      page.next === undefined ||
      (end !== undefined && (last === undefined || !isAfter(end, sequenceOf(last))))
    return { records, next: ended ? undefined : page.next }
  }

  /** Ends an open shard with this record. */
  split(shardId: string, lastSequenceNumber: string): void {
    const parent = this.#shard(shardId)
    parent.end = lastSequenceNumber
    for (const half of ['0', '1']) {
      const path = parent.path + half
      this.#add({
        shardId: `${parent.root}-${path}`,
        root: parent.root,
        parent,
        path,
        start: lastSequenceNumber,
        end: undefined,
        readToItsEnd: false,
      })
    }
  }

  /** The reader has got the last record of this shard. */
  finish(shardId: string): void {
    this.#shard(shardId).readToItsEnd = true
  }

  isOpen(shardId: string): boolean {
    return this.#shard(shardId).end === undefined
  }

  /** Open shards, the stream's own and the children made here. */
  openShards(): number {
    return [...this.#shards.values()].filter(({ end }) => end === undefined).length
  }

  #isRead(root: string | undefined): boolean {
    const parts = [...this.#shards.values()].filter((shard) => shard.root === root)
    return parts.length > 0 && parts.every(({ readToItsEnd }) => readToItsEnd)
  }

  /** A shard that nobody made here is one of the stream's own. */
  #shard(shardId: string): VirtualShard {
    return (
      this.#shards.get(shardId) ??
      this.#add({
        shardId,
        root: shardId,
        parent: undefined,
        path: '',
        start: undefined,
        end: undefined,
        readToItsEnd: false,
      })
    )
  }

  #add(shard: VirtualShard): VirtualShard {
    this.#shards.set(shard.shardId, shard)
    return shard
  }
}

/** A record's place in its shard: decimal digits. */
export const sequenceOf = (record: DynamoDBRecord): string => record.dynamodb?.SequenceNumber ?? '0'

export const isAfter = (sequenceNumber: string, other: string): boolean =>
  BigInt(sequenceNumber) > BigInt(other)

const belongs = (record: DynamoDBRecord, { path }: VirtualShard): boolean => {
  const key = itemKey(record)
  return [...path].every((half, depth) => String(seededHash(key, depth) % 2) === half)
}
