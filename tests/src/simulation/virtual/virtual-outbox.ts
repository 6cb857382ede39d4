import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { putEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import type { StockroomEvent } from '@stockroom/domain/events/catalogue'
import type { WebhookReplayRequestedV1 } from '@stockroom/domain/webhook/webhook-replay-requested.v1'
import type { Clock } from '@stockroom/local-cloud/clock'
import type { InMemoryStream } from '@stockroom/local-cloud/events/in-memory-stream'
import { seededHash } from '@stockroom/local-cloud/faults/seeded-hash'
import { seal } from '@stockroom/outbox/envelope'
import type { InMemoryOutboxStore } from '@stockroom/outbox/in-memory-outbox-store'
import type { DynamoDBRecord } from 'aws-lambda'

const shards = ['shard-0', 'shard-1', 'shard-2'] as const

/** The outbox table with its stream: what the transactions of the repositories in memory write their envelopes to. */
export class VirtualOutbox {
  readonly #clock: Clock
  readonly #store: InMemoryOutboxStore
  readonly #stream: InMemoryStream
  readonly #wake: () => void
  #written = 0

  constructor({
    clock,
    store,
    stream,
    wake,
  }: {
    readonly clock: Clock
    readonly store: InMemoryOutboxStore
    readonly stream: InMemoryStream
    /** Told of each new record. */
    readonly wake: () => void
  }) {
    this.#clock = clock
    this.#store = store
    this.#stream = stream
    this.#wake = wake
    for (const shard of shards) stream.open(shard)
  }

  /** One event is one envelope. @throws Error when one of this aggregate and version is there. */
  push(event: StockroomEvent | WebhookReplayRequestedV1): number {
    const now = this.#clock.now()
    const envelope = seal(event.merchant, [event], new Date(now))
    this.#store.add(envelope)
    const image = putEnvelope('outbox', envelope).Put?.Item ?? {}
    this.#written += 1
    const record: DynamoDBRecord = {
      eventID: String(this.#written),
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(now / 1_000),
        NewImage: imageOf(image),
        SequenceNumber: String(this.#written).padStart(21, '0'),
        StreamViewType: 'NEW_IMAGE',
      },
    }
    this.#stream.append(shardOf(`${envelope.tenant}#${envelope.aggregate}`), record)
    this.#wake()
    return this.#written
  }
}

const shardOf = (partition: string): string => shards[seededHash(partition) % shards.length] ?? shards[0]

/** The same JSON under two packages' names: the SDK's types and the event's. */
const imageOf = (
  image: Record<string, AttributeValue>,
): NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']> =>
  Object.fromEntries(
    Object.entries(image).map(([name, value]) => [
      name,
      value as NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>[string],
    ]),
  )
