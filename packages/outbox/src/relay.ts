import type { CloudEvent, Envelope } from './envelope.ts'
import type { EventPublisher } from './event-publisher.ts'
import { inParallel } from './in-parallel.ts'
import type { OutboxStore } from './outbox-store.ts'
import { reasonOf } from './reason-of.ts'

/** An envelope that did not go out whole, and why; everything after it of the same aggregate waits with it. */
export interface Unpublished {
  readonly envelope: Envelope
  readonly reason: string
}

/** What became of the envelopes of one relay call. */
export interface Relayed {
  readonly published: number
  readonly unpublished: readonly Unpublished[]
}

export interface RelayDependencies {
  readonly publisher: EventPublisher
  readonly store: Pick<OutboxStore, 'markPublished'>
  /** Calls to the queue and to the store that may run at once. */
  readonly concurrency?: number
}

/** FIFO group of an aggregate. */
export const groupOf = ({ tenant, aggregate }: Pick<Envelope, 'tenant' | 'aggregate'>): string =>
  `${tenant}#${aggregate}`

/** The envelopes of one aggregate that are still to go, and the next event of the first of them. */
interface Lane {
  readonly group: string
  readonly envelopes: readonly Envelope[]
  envelope: number
  event: number
  failure: string | undefined
}

/**
 * Publishes `envelopes` in the order given within each aggregate and marks each one when all its events are confirmed. It goes in rounds of one
 * event per aggregate, so that no call holds two events of one group: SQS may confirm the second and refuse the first. An aggregate stops at its
 * first failure; the others go on. Repeats are harmless, for the queue drops and the consumers skip them. Never throws for a failed call.
 * Next stop: the consumer of the queue, in Stockroom packages/domain/src/webhook/fan-out-event.ts.
 */
export const makeRelay = ({ publisher, store, concurrency = 10 }: RelayDependencies) => {
  const publishRound = async (lanes: readonly Lane[]): Promise<void> => {
    const failed = new Map<string, string>()
    const outgoing = lanes.map((lane) => ({ lane, event: currentEvent(lane) }))
    await inParallel(chunksOf(outgoing, publisher.maxBatch), concurrency, async (batch) => {
      try {
        const answer = await publisher.publish(batch.map(({ lane, event }) => ({ group: lane.group, event })))
        for (const [id, reason] of answer.failed) failed.set(id, reason)
      } catch (error) {
        for (const { event } of batch) failed.set(event.id, reasonOf(error))
      }
    })
    for (const { lane, event } of outgoing) {
      lane.failure = failed.get(event.id)
      if (lane.failure === undefined) lane.event += 1
    }
  }

  const markRound = (lanes: readonly Lane[]): Promise<void> =>
    inParallel(lanes, concurrency, async (lane) => {
      const envelope = currentEnvelope(lane)
      if (lane.event < envelope.events.length) return
      try {
        await store.markPublished(envelope)
        lane.envelope += 1
        lane.event = 0
      } catch (error) {
        lane.failure = reasonOf(error)
      }
    })

  return async (envelopes: readonly Envelope[]): Promise<Relayed> => {
    const lanes = lanesOf(envelopes)
    for (;;) {
      const moving = lanes.filter(
        (lane) => lane.failure === undefined && lane.envelope < lane.envelopes.length,
      )
      if (moving.length === 0) break
      await publishRound(moving)
      await markRound(moving.filter((lane) => lane.failure === undefined))
    }
    return {
      published: lanes.reduce((sum, lane) => sum + lane.envelope, 0),
      unpublished: lanes.flatMap((lane) =>
        lane.envelopes
          .slice(lane.envelope)
          .map((envelope) => ({ envelope, reason: lane.failure ?? 'not tried' })),
      ),
    }
  }
}
export type Relay = ReturnType<typeof makeRelay>

const lanesOf = (envelopes: readonly Envelope[]): Lane[] =>
  [...Map.groupBy(envelopes, groupOf)].map(([group, ofGroup]) => ({
    group,
    envelopes: ofGroup,
    envelope: 0,
    event: 0,
    failure: undefined,
  }))

const currentEnvelope = (lane: Lane): Envelope => {
  const envelope = lane.envelopes[lane.envelope]
  if (envelope === undefined) throw new RangeError(`${lane.group} has no envelope left`)
  return envelope
}

const currentEvent = (lane: Lane): CloudEvent => {
  const event = currentEnvelope(lane).events[lane.event]
  if (event === undefined) throw new RangeError(`${lane.group} has no event left`)
  return event
}

const chunksOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
