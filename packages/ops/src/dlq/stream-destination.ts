import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3'
import { readEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import type { Envelope } from '@stockroom/outbox/envelope'
import type { OutboxStore } from '@stockroom/outbox/outbox-store'
import { reasonOf } from '@stockroom/outbox/reason-of'
import { groupOf, type Relay } from '@stockroom/outbox/relay'
import * as z from 'zod/mini'
import type { DeadLetter, LetterSubject } from './dead-letter.ts'
import type { Destination, Homecoming, LetterCount } from './destination.ts'
import { parsedJson, traceIdOf } from './message-subject.ts'

/** Where Lambda writes what a stream mapping gave up (Lambda guide, "services-dynamodb-errors"). */
export const streamFailuresPrefix = 'aws/lambda/'
/** Where an object goes whose envelopes are published. */
const archivePrefix = 'replayed/'

const FailedBatch = z.object({ payload: z.unknown() })
const Batch = z.object({
  Records: z.array(
    z.object({
      eventName: z.optional(z.string()),
      dynamodb: z.object({
        SequenceNumber: z.optional(z.string()),
        NewImage: z.optional(z.record(z.string(), z.custom<AttributeValue>())),
      }),
    }),
  ),
})

interface ReadRecords {
  readonly envelopes: readonly Envelope[]
  /** Why records are no envelopes. */
  readonly unreadable: readonly string[]
  readonly sequenceNumbers: readonly string[]
}

const readRecords = (body: string): ReadRecords => {
  const payload = FailedBatch.safeParse(parsedJson(body)).data?.payload
  const batch = Batch.safeParse(typeof payload === 'string' ? parsedJson(payload) : payload)
  if (!batch.success) return { envelopes: [], unreadable: ['no batch of records'], sequenceNumbers: [] }
  const envelopes: Envelope[] = []
  const unreadable: string[] = []
  for (const { eventName, dynamodb } of batch.data.Records) {
    if (eventName !== 'INSERT') continue
    try {
      envelopes.push(readEnvelope(dynamodb.NewImage ?? {}))
    } catch (error) {
      unreadable.push(`record ${dynamodb.SequenceNumber ?? ''} is no envelope: ${reasonOf(error)}`)
    }
  }
  return {
    envelopes,
    unreadable,
    sequenceNumbers: batch.data.Records.flatMap(({ dynamodb }) => dynamodb.SequenceNumber ?? []),
  }
}

/** The sequence numbers of an object's records: the relay's log names failures by them. */
export const sequenceNumbersOf = (body: string): readonly string[] => readRecords(body).sequenceNumbers

const subjectOf = (body: string): LetterSubject => {
  const { envelopes, unreadable } = readRecords(body)
  const events = envelopes.flatMap((envelope) => envelope.events)
  return {
    types: [
      ...new Set([...events.map(({ type }) => type), ...(unreadable.length > 0 ? ['unreadable'] : [])]),
    ],
    merchants: [...new Set(envelopes.map(({ tenant }) => tenant))],
    traceId: traceIdOf(events[0]?.traceparent),
    error: unreadable[0],
  }
}

/**
 * The bucket with the stream's failed batches. A record only says which aggregate to look at: what is pending of it in the table is published, in order,
 * by the relay's own loop, and nothing when the sweep has been faster. Then the object moves to `replayed/`. One with a record that is no envelope
 * stays.
 */
export class StreamDestination implements Destination {
  readonly name = 'stream'
  readonly home = 'the queue Events, what is still unpublished'
  readonly failsIn = ['RelayOutbox']
  readonly #s3: S3Client
  readonly #bucket: string
  readonly #store: Pick<OutboxStore, 'pendingOf'>
  readonly #relay: Relay

  constructor({
    s3,
    bucket,
    store,
    relay,
  }: {
    readonly s3: S3Client
    readonly bucket: string
    readonly store: Pick<OutboxStore, 'pendingOf'>
    readonly relay: Relay
  }) {
    this.#s3 = s3
    this.#bucket = bucket
    this.#store = store
    this.#relay = relay
  }

  async count(): Promise<LetterCount> {
    let waiting = 0
    for await (const { Contents = [] } of this.#pages()) waiting += Contents.length
    return { waiting, hidden: 0 }
  }

  /** Nothing is hidden: two readers publish the same envelopes twice, which consumers drop. */
  async *letters(): AsyncGenerator<readonly DeadLetter[]> {
    for await (const { Contents = [] } of this.#pages(10)) {
      const letters: DeadLetter[] = []
      for (const { Key: id = '', LastModified: sentAt = new Date(0) } of Contents) {
        const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: id }))
        const body = (await Body?.transformToString()) ?? ''
        letters.push({ id, receipt: id, body, attributes: {}, system: {}, sentAt, subject: subjectOf(body) })
      }
      if (letters.length > 0) yield letters
    }
  }

  async release(): Promise<void> {}

  async bringHome({ id, body }: DeadLetter): Promise<Homecoming> {
    const { envelopes, unreadable } = readRecords(body)
    const reasons: string[] = []
    for (const [, [envelope]] of Map.groupBy(envelopes, groupOf)) {
      if (envelope === undefined) continue
      try {
        const pending = await this.#store.pendingOf(envelope.tenant, envelope.aggregate)
        const { unpublished } = await this.#relay(pending)
        reasons.push(...unpublished.map(({ reason }) => `${groupOf(envelope)}: ${reason}`))
      } catch (error) {
        reasons.push(`${groupOf(envelope)}: ${reasonOf(error)}`)
      }
    }
    const [reason] = [...unreadable, ...reasons]
    if (reason !== undefined) return { outcome: 'stays', reason }
    await this.#s3.send(
      new CopyObjectCommand({
        Bucket: this.#bucket,
        CopySource: `${this.#bucket}/${id.split('/').map(encodeURIComponent).join('/')}`,
        Key: `${archivePrefix}${id}`,
      }),
    )
    return { outcome: 'home' }
  }

  async remove({ id }: DeadLetter): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: id }))
  }

  markOf({ id }: DeadLetter): string {
    return id
  }

  async isWorking(): Promise<boolean> {
    return false
  }

  #pages(pageSize = 1_000) {
    return paginateListObjectsV2(
      { client: this.#s3, pageSize },
      { Bucket: this.#bucket, Prefix: streamFailuresPrefix },
    )
  }
}
