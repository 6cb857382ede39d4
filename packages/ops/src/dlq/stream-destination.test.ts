import { S3Client } from '@aws-sdk/client-s3'
import { putEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import { anEnvelope } from '@stockroom/outbox/an-envelope'
import type { Envelope } from '@stockroom/outbox/envelope'
import { InMemoryOutboxStore } from '@stockroom/outbox/in-memory-outbox-store'
import { RecordingPublisher } from '@stockroom/outbox/recording-publisher'
import { makeRelay } from '@stockroom/outbox/relay'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { replay } from './replay.ts'
import { StreamDestination } from './stream-destination.ts'

const Input = z.object({
  Key: z.optional(z.string()),
  CopySource: z.optional(z.string()),
  Prefix: z.optional(z.string()),
})

/** A bucket behind S3's client: what lies in it by key. */
const aBucket = () => {
  const objects = new Map<string, string>()
  const client = new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  })
  client.middlewareStack.add(
    (_, { commandName = '' }) =>
      async ({ input }) => {
        const { Key = '', CopySource = '', Prefix = '' } = Input.parse(input)
        const output = () => {
          switch (commandName) {
            case 'ListObjectsV2Command':
              return {
                Contents: [...objects.keys()]
                  .filter((key) => key.startsWith(Prefix))
                  .map((name) => ({ Key: name, LastModified: new Date('2026-11-23T09:00:00Z') })),
              }
            case 'GetObjectCommand':
              return { Body: { transformToString: async () => objects.get(Key) } }
            case 'CopyObjectCommand':
              objects.set(Key, objects.get(decodeURIComponent(CopySource.replace(/^failures\//, ''))) ?? '')
              return {}
            case 'DeleteObjectCommand':
              objects.delete(Key)
              return {}
            default:
              throw new Error(`${commandName} is not known here`)
          }
        }
        return { output: { $metadata: {}, ...output() }, response: {} }
      },
    { step: 'initialize', priority: 'high' },
  )
  return { objects, client }
}

const aParking = () => {
  const { objects, client } = aBucket()
  const store = new InMemoryOutboxStore()
  const publisher = new RecordingPublisher()
  const destination = new StreamDestination({
    s3: client,
    bucket: 'failures',
    store,
    relay: makeRelay({ publisher, store }),
  })
  const inserted = (envelope: Envelope, sequence = '100') => ({
    eventName: 'INSERT',
    dynamodb: { SequenceNumber: sequence, NewImage: putEnvelope('outbox', envelope).Put?.Item },
  })
  const park = (key: string, ...records: object[]) =>
    objects.set(
      `aws/lambda/mapping/shard/${key}`,
      JSON.stringify({ version: '1.0', payload: JSON.stringify({ Records: records }) }),
    )
  return {
    objects,
    store,
    publisher,
    destination,
    inserted,
    park,
    run: () => replay(destination, { pause: async () => undefined }),
    sent: () => publisher.sent.map(({ event }) => `${event.subject} ${Number(event.sequence)}`),
  }
}
const poison = { eventName: 'INSERT', dynamodb: { SequenceNumber: '101', NewImage: { pk: { S: 'x' } } } }

describe('the failures of the stream', () => {
  it('are published from the table, whole and in order, whichever record was parked', async () => {
    const { store, inserted, park, run, sent, objects } = aParking()
    const [first, second] = [anEnvelope({ seq: 1 }), anEnvelope({ seq: 2 })]
    store.add(first)
    store.add(second)
    park('2026-11-23', inserted(second))
    expect((await run()).sent).toHaveLength(1)
    expect(sent()).toEqual(['agg_1 1', 'agg_1 2'])
    expect([...objects.keys()]).toEqual(['replayed/aws/lambda/mapping/shard/2026-11-23'])
  })

  it('are not published again when the sweep has been faster', async () => {
    const { store, inserted, park, run, sent, objects } = aParking()
    const envelope = anEnvelope()
    store.add(envelope)
    await store.markPublished(envelope)
    park('a', inserted(envelope))
    await run()
    expect(sent()).toEqual([])
    expect([...objects.keys()]).toEqual(['replayed/aws/lambda/mapping/shard/a'])
  })

  it('that are no envelopes stay, say so, and hold up nobody beside them', async () => {
    const { store, inserted, park, run, sent, objects } = aParking()
    const envelope = anEnvelope()
    store.add(envelope)
    park('a', inserted(envelope), poison)
    park('b', {})
    const { kept } = await run()
    expect(sent()).toEqual(['agg_1 1'])
    expect(kept.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('record 101 is no envelope'),
      'no batch of records',
    ])
    expect([...objects.keys()]).toEqual(['aws/lambda/mapping/shard/a', 'aws/lambda/mapping/shard/b'])
  })

  it('that the queue refuses stay', async () => {
    const { store, inserted, park, run, publisher, objects } = aParking()
    store.add(anEnvelope())
    park('a', inserted(anEnvelope()))
    publisher.refuse = () => 'InternalError'
    expect((await run()).kept.map(({ reason }) => reason)).toEqual(['acme#agg_1: InternalError'])
    expect(objects.size).toBe(1)
  })

  it('are told by the types and merchants of their events', async () => {
    const { inserted, park, destination } = aParking()
    park('a', inserted(anEnvelope({ tenant: 'bazaar' })), inserted(anEnvelope()), poison)
    const [[letter] = []] = await Array.fromAsync(destination.letters())
    expect(letter?.subject).toMatchObject({
      types: ['thing.changed.v1', 'unreadable'],
      merchants: ['bazaar', 'acme'],
    })
  })

  it('do not count what was replayed or dropped before', async () => {
    const { objects, destination, park } = aParking()
    objects.set('replayed/aws/lambda/x', '')
    objects.set('dropped/stream/x.json', '')
    park('a')
    expect(await destination.count()).toEqual({ waiting: 1, hidden: 0 })
  })
})
