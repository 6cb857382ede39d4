import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { readEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import type { Envelope } from '@stockroom/outbox/envelope'
import { reasonOf } from '@stockroom/outbox/reason-of'
import type { Relay } from '@stockroom/outbox/relay'
import type { DynamoDBRecord } from 'aws-lambda'

/** A stream record that was not published, and why. */
export interface FailedRecord {
  readonly sequenceNumber: string
  readonly reason: string
}

/** Puts a record that nobody can read where operators find it. MUST have stored it, payload and all, when it resolves. */
export type ParkRecord = (record: DynamoDBRecord, reason: string) => Promise<void>

/** What became of the records of one batch. */
export interface RelayedRecords {
  readonly published: readonly Envelope[]
  readonly parked: readonly FailedRecord[]
  readonly failed: readonly FailedRecord[]
}

/**
 * Relays the envelopes that were inserted; changes and deletions of rows are the relay's own marks and TTL's work, and nobody's event. A record that
 * is no envelope will never be one, and as a failed one it would hold up its whole shard until its retries end: it is parked at once. Only where that
 * fails does it come again. Next: outbox/src/relay.ts.
 */
export const makeRelayRecords =
  ({ relay, park }: { readonly relay: Relay; readonly park: ParkRecord }) =>
  async (records: readonly DynamoDBRecord[]): Promise<RelayedRecords> => {
    const parked: FailedRecord[] = []
    const failed: FailedRecord[] = []
    const parkUnreadable = async (record: DynamoDBRecord, sequenceNumber: string, reason: string) => {
      try {
        await park(record, reason)
        parked.push({ sequenceNumber, reason })
      } catch (error) {
        failed.push({ sequenceNumber, reason: `${reason}; not parked: ${reasonOf(error)}` })
      }
    }
    const sequenceNumbers = new Map<Envelope, string>()
    for (const record of records) {
      const { eventName, dynamodb } = record
      if (eventName !== 'INSERT') continue
      const sequenceNumber = dynamodb?.SequenceNumber ?? ''
      try {
        sequenceNumbers.set(readEnvelope(imageOf(dynamodb?.NewImage)), sequenceNumber)
      } catch (error) {
        await parkUnreadable(record, sequenceNumber, reasonOf(error))
      }
    }
    const { unpublished } = await relay([...sequenceNumbers.keys()])
    for (const { envelope, reason } of unpublished) {
      failed.push({ sequenceNumber: sequenceNumbers.get(envelope) ?? '', reason })
      sequenceNumbers.delete(envelope)
    }
    return { published: [...sequenceNumbers.keys()], parked, failed }
  }

/** The same JSON under two packages' names: the event's types and the SDK's. */
const imageOf = (
  image: NonNullable<DynamoDBRecord['dynamodb']>['NewImage'] = {},
): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, value as AttributeValue]))
