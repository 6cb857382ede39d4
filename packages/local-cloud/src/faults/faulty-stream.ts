import type { DynamoDBRecord } from 'aws-lambda'
import type { Clock } from '../clock.ts'
import type { ShardDescription, StreamPage, StreamPosition, StreamSource } from '../events/stream-source.ts'
import type { DeliveryFaultKind } from './delivery-fault.ts'
import type { FaultPlan } from './fault-plan.ts'
import { PermutedRecords } from './permuted-records.ts'
import { isAfter, sequenceOf, VirtualShards } from './virtual-shards.ts'

export interface FaultyStreamOptions {
  readonly stream: StreamSource
  readonly plan: FaultPlan
  readonly clock: Clock
  /** The plan's name of the source: the mapping's. */
  readonly source: string
  /** Records older than this are gone, as DynamoDB's are after 24 hours. Default: the stream itself decides. */
  readonly trimAfterMs?: number
  /** Called when something that was held back can be read, so that a mapping that polls rarely can be woken. */
  readonly onReadable?: () => void
  /** No shard is split when this many are open. Default 4. */
  readonly mostShards?: number
}

/**
 * A stream that is read as badly as a DynamoDB stream may be. Each page with records that were not read before is one delivery of
 * the plan, so that a replay sets off no replays:
 *
 * - `duplicate`: the page comes again at once. `rewind`: the reader falls back to an earlier page. `replay`: to the oldest record.
 * - `late`: it comes later. `cut`: only its first records come now.
 * - `permute`: neighbouring records of different items have changed places, for good.
 * - `split`: the shard ends with this page, and two children go on with half of its items each.
 */
export class FaultyStream implements StreamSource {
  readonly streamArn: string
  readonly #options: FaultyStreamOptions
  readonly #shards: VirtualShards
  readonly #permuted = new PermutedRecords()
  /** By shard: the last record that was read, and where pages began. */
  readonly #furthest = new Map<string, string>()
  readonly #starts = new Map<string, StreamPosition[]>()
  readonly #lateUntil = new Map<string, number>()
  #pausedUntil = Number.NEGATIVE_INFINITY
  #deliveries = 0

  constructor(options: FaultyStreamOptions) {
    const { stream } = options
    this.streamArn = stream.streamArn
    this.#options = options
    this.#shards = new VirtualShards({
      streamArn: stream.streamArn,
      shards: () => stream.shards(),
      read: async (...request) => {
        const page = await stream.read(...request)
        return { ...page, records: this.#permuted.show(page.records) }
      },
    })
  }

  /** The mapping stands still for so long, as when somebody disabled it; its position stays. Pausing again replaces the pause. */
  pauseFor(ms: number): void {
    this.#pausedUntil = this.#options.clock.now() + ms
    this.#announce(ms)
  }

  shards(): Promise<readonly ShardDescription[]> {
    return this.#shards.shards()
  }

  async read(shardId: string, from: StreamPosition, limit: number): Promise<StreamPage> {
    const now = this.#options.clock.now()
    if (now < this.#pausedUntil || now < (this.#lateUntil.get(shardId) ?? now)) {
      return { records: [], next: from }
    }
    const { records: all, next } = await this.#shards.read(shardId, from, limit)
    const records = all.filter((record) => !this.#isTrimmed(record))
    const last = records.at(-1)
    const page =
      last && this.#isNew(shardId, last) ? this.#deliver(shardId, from, { records, next }) : { records, next }
    if (page.next === undefined) this.#shards.finish(shardId)
    return page
  }

  #deliver(shardId: string, from: StreamPosition, page: StreamPage): StreamPage {
    const { plan, source, clock } = this.#options
    this.#deliveries += 1
    const fault = plan.deliveryFaultFor({ via: 'stream', source, nth: this.#deliveries }, (kind) =>
      this.#isPossible(kind, shardId, from, page),
    )
    if (fault?.kind === 'late') {
      this.#lateUntil.set(shardId, clock.now() + fault.ms)
      this.#announce(fault.ms)
      return { records: [], next: from }
    }
    const starts = this.#starts.get(shardId) ?? []
    this.#starts.set(shardId, [...starts.slice(-99), from])
    switch (fault?.kind) {
      case 'duplicate':
        return this.#read(shardId, page.records, from)
      case 'rewind':
        return this.#read(shardId, page.records, starts[fault.salt % starts.length] ?? from)
      case 'replay':
        return this.#read(shardId, page.records, 'TRIM_HORIZON')
      case 'cut': {
        const first = page.records.slice(0, 1 + (fault.salt % (page.records.length - 1)))
        return this.#read(shardId, first, positionAfter(first))
      }
      case 'permute':
        this.#permuted.permute(
          page.records.filter((record) => this.#isNew(shardId, record)),
          fault.salt,
        )
        return this.#read(shardId, this.#permuted.show(page.records), page.next)
      case 'split': {
        const read = this.#read(shardId, page.records, undefined)
        const last = read.records.at(-1)
        if (last) this.#shards.split(shardId, sequenceOf(last))
        return read
      }
      default:
        return this.#read(shardId, page.records, page.next)
    }
  }

  #announce(ms: number): void {
    const { clock, onReadable } = this.#options
    if (onReadable) clock.schedule(ms, onReadable)
  }

  #isPossible(kind: DeliveryFaultKind, shardId: string, from: StreamPosition, page: StreamPage): boolean {
    // A mapping that starts at the end has nothing to go back to.
    if (from === 'LATEST') return false
    switch (kind) {
      case 'cut':
        return page.records.length > 1
      case 'split': {
        const { mostShards = 4 } = this.#options
        return (
          page.next !== undefined && this.#shards.openShards() < mostShards && this.#shards.isOpen(shardId)
        )
      }
      case 'duplicate':
      case 'rewind':
      case 'replay':
        // The reader of a shard that ends here never reads it again.
        return page.next !== undefined
      default:
        return true
    }
  }

  #read(shardId: string, records: readonly DynamoDBRecord[], next: StreamPosition | undefined): StreamPage {
    const last = records.at(-1)
    if (last) this.#furthest.set(shardId, sequenceOf(last))
    return { records, next }
  }

  #isNew(shardId: string, record: DynamoDBRecord): boolean {
    const furthest = this.#furthest.get(shardId)
    return furthest === undefined || isAfter(sequenceOf(record), furthest)
  }

  #isTrimmed(record: DynamoDBRecord): boolean {
    const { clock, trimAfterMs = Number.POSITIVE_INFINITY } = this.#options
    const seconds = record.dynamodb?.ApproximateCreationDateTime
    return seconds !== undefined && seconds * 1_000 < clock.now() - trimAfterMs
  }
}

const positionAfter = (records: readonly DynamoDBRecord[]): StreamPosition | undefined => {
  const last = records.at(-1)
  return last && { after: sequenceOf(last) }
}
