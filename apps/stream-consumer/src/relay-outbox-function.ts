import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { streamFunction } from '@stockroom/lambda/stream-function'
import type { Relay } from '@stockroom/outbox/relay'
import { makeRelayRecords, type ParkRecord } from './relay-records.ts'

/**
 * Trigger: the stream of the outbox table, from its oldest record; composed in relay-outbox.handler.ts. Records that fail come again, then bisected, then
 * are parked in the failures bucket, as those are at once that nobody can read; meanwhile the sweep publishes their envelopes. Next stop: packages/outbox/src/relay.ts.
 */
export const relayOutboxFunction = (ports: { readonly relay: Relay; readonly park: ParkRecord }) => {
  const relayRecords = makeRelayRecords(ports)
  return streamFunction(async ({ Records }) => {
    const { published, parked, failed } = await relayRecords(Records)
    count('EnvelopePublished', published.length)
    // A batch belongs to many traces: each envelope names its own.
    const envelopes = published.map(({ aggregate, seq, events: [event] }) => ({
      aggregate,
      seq,
      traceparent: event?.traceparent,
    }))
    logger.info('Envelopes published', { envelopes })
    if (parked.length > 0) {
      logger.error('Records are no envelopes and were parked', { parked })
      count('RecordParked', parked.length)
    }
    if (failed.length > 0) logger.error('Envelopes not published', { failed })
    return { batchItemFailures: failed.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) }
  })
}
