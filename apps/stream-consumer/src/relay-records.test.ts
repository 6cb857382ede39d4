import { putEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import { anEnvelope } from '@stockroom/outbox/an-envelope'
import type { Envelope } from '@stockroom/outbox/envelope'
import { InMemoryOutboxStore } from '@stockroom/outbox/in-memory-outbox-store'
import { RecordingPublisher } from '@stockroom/outbox/recording-publisher'
import { makeRelay } from '@stockroom/outbox/relay'
import type { DynamoDBRecord } from 'aws-lambda'
import { describe, expect, it, vi } from 'vitest'
import { makeRelayRecords } from './relay-records.ts'

const record = (
  sequenceNumber: string,
  envelope: Envelope,
  eventName: DynamoDBRecord['eventName'] = 'INSERT',
) =>
  ({
    eventName,
    dynamodb: { SequenceNumber: sequenceNumber, NewImage: putEnvelope('outbox', envelope).Put?.Item },
  }) as DynamoDBRecord

const setUp = () => {
  const publisher = new RecordingPublisher()
  const park = vi.fn(async () => undefined)
  const relayRecords = makeRelayRecords({
    relay: makeRelay({ publisher, store: new InMemoryOutboxStore() }),
    park,
  })
  return { publisher, park, relayRecords }
}

describe('relaying stream records', () => {
  it('publishes inserted envelopes as the table holds them', async () => {
    const { publisher, relayRecords } = setUp()
    const envelope = anEnvelope({ seq: 2, events: 2 })
    expect(await relayRecords([record('100', envelope)])).toEqual({
      published: [envelope],
      parked: [],
      failed: [],
    })
    expect(publisher.sent.map(({ event }) => event)).toEqual(envelope.events)
  })

  it('passes over changes and deletions', async () => {
    const { publisher, relayRecords } = setUp()
    await relayRecords([record('100', anEnvelope(), 'MODIFY'), record('101', anEnvelope(), 'REMOVE')])
    expect(publisher.calls).toEqual([])
  })

  const poison = {
    eventName: 'INSERT',
    dynamodb: { SequenceNumber: '101', NewImage: { pk: { S: 'x' } } },
  } as const
  const poisonBetween = () => [
    record('100', anEnvelope({ aggregate: 'a' })),
    poison,
    record('102', anEnvelope({ aggregate: 'b' })),
  ]

  it('parks an unreadable record and publishes the others', async () => {
    const { publisher, park, relayRecords } = setUp()
    const { published, parked, failed } = await relayRecords(poisonBetween())
    expect(published.map(({ aggregate }) => aggregate)).toEqual(['a', 'b'])
    expect(publisher.sent.map(({ event }) => event.subject)).toEqual(['a', 'b'])
    expect(parked.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['101'])
    expect(park).toHaveBeenCalledExactlyOnceWith(poison, expect.any(String))
    expect(failed).toEqual([])
  })

  it('names an unreadable record that could not be parked, so that it comes again', async () => {
    const { publisher, park, relayRecords } = setUp()
    park.mockRejectedValue(new Error('SlowDown'))
    const { parked, failed } = await relayRecords(poisonBetween())
    expect(publisher.sent.map(({ event }) => event.subject)).toEqual(['a', 'b'])
    expect(parked).toEqual([])
    expect(failed).toEqual([
      { sequenceNumber: '101', reason: expect.stringMatching(/; not parked: Error: SlowDown$/) },
    ])
  })

  it('names the records of an aggregate from its first failure on', async () => {
    const { publisher, relayRecords } = setUp()
    publisher.refuse = ({ event }) => (event.subject === 'a' ? 'InternalError' : undefined)
    const { failed } = await relayRecords([
      record('100', anEnvelope({ aggregate: 'a', seq: 1 })),
      record('101', anEnvelope({ aggregate: 'b', seq: 1 })),
      record('102', anEnvelope({ aggregate: 'a', seq: 2 })),
    ])
    expect(failed).toEqual([
      { sequenceNumber: '100', reason: 'InternalError' },
      { sequenceNumber: '102', reason: 'InternalError' },
    ])
  })
})
