import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { readEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import type { Envelope } from '@stockroom/outbox/envelope'
import { reasonOf } from '@stockroom/outbox/reason-of'
import type { Relay } from '@stockroom/outbox/relay'
import type { DynamoDBRecord } from 'aws-lambda'

/** A stream record that has to come again, and why. */
export interface FailedRecord {
  readonly sequenceNumber: string
  readonly reason: string
}

/**
 * Relays the envelopes that were inserted; changes and deletions of rows are the relay's own marks and TTL's work, and nobody's event. A record that
 * is no envelope holds up no other: those are published each time it is tried, until the mapping parks it, payload and all, with what follows it in
 * its batch (Lambda guide, "services-ddb-batchfailurereporting"). Next: outbox/src/relay.ts.
 */
export const makeRelayRecords =
  (relay: Relay) =>
  async (
    records: readonly DynamoDBRecord[],
  ): Promise<{ readonly published: readonly Envelope[]; readonly failed: readonly FailedRecord[] }> => {
    const failed: FailedRecord[] = []
    const sequenceNumbers = new Map<Envelope, string>()
    for (const { eventName, dynamodb } of records) {
      if (eventName !== 'INSERT') continue
      const sequenceNumber = dynamodb?.SequenceNumber ?? ''
      try {
        sequenceNumbers.set(readEnvelope(imageOf(dynamodb?.NewImage)), sequenceNumber)
      } catch (error) {
        failed.push({ sequenceNumber, reason: reasonOf(error) })
      }
    }
    const { unpublished } = await relay([...sequenceNumbers.keys()])
    for (const { envelope, reason } of unpublished) {
      failed.push({ sequenceNumber: sequenceNumbers.get(envelope) ?? '', reason })
      sequenceNumbers.delete(envelope)
    }
    return { published: [...sequenceNumbers.keys()], failed }
  }

/** The same JSON under two packages' names: the event's types and the SDK's. */
const imageOf = (
  image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage'] = {},
): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, value as AttributeValue]))
