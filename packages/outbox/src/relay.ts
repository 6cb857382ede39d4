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

/** One event to send; with the last one of its envelope the envelope is published. */
interface Step {
  readonly envelope: Envelope
  readonly event: CloudEvent
  readonly completes: boolean
}

/** The events of one aggregate in their order, how far they have gone, and what stopped them. */
interface Lane {
  readonly group: string
  readonly steps: readonly Step[]
  done: number
  failure: string | undefined
}

/** What a lane does in this round. */
interface Turn {
  readonly lane: Lane
  readonly step: Step
}

/**
 * Publishes `envelopes` in the order of their versions within each aggregate, for a stream keeps the order of one item, and each envelope is an item of
 * its own; marks each one when all its events are confirmed. It goes in rounds of one event per aggregate, so that no call holds two events of one
 * group: SQS may confirm the second and refuse the first. An aggregate stops at its first failure; the others go on. Repeats are harmless, for the
 * queue drops and the consumers skip them. Never throws for a failed call.
 * Next stop: the consumer of the queue, in Stockroom packages/domain/src/webhook/fan-out-event.ts.
 */
export const makeRelay = ({ publisher, store, concurrency = 10 }: RelayDependencies) => {
  const publish = async (turns: readonly Turn[]): Promise<void> => {
    await inParallel(chunksOf(turns, publisher.maxBatch), concurrency, async (batch) => {
      try {
        const { failed } = await publisher.publish(
          batch.map(({ lane, step }) => ({ group: lane.group, event: step.event })),
        )
        for (const { lane, step } of batch) lane.failure = failed.get(step.event.id)
      } catch (error) {
        for (const { lane } of batch) lane.failure = reasonOf(error)
      }
    })
  }

  const mark = async (turns: readonly Turn[]): Promise<void> => {
    await inParallel(turns, concurrency, async ({ lane, step }) => {
      if (lane.failure !== undefined) return
      try {
        if (step.completes) await store.markPublished(step.envelope)
        lane.done += 1
      } catch (error) {
        lane.failure = reasonOf(error)
      }
    })
  }

  return async (envelopes: readonly Envelope[]): Promise<Relayed> => {
    const lanes = lanesOf(envelopes)
    for (let turns = lanes.flatMap(turnOf); turns.length > 0; turns = lanes.flatMap(turnOf)) {
      await publish(turns)
      await mark(turns)
    }
    return {
      published: lanes.flatMap(({ steps, done }) => steps.slice(0, done)).filter(({ completes }) => completes)
        .length,
      unpublished: lanes.flatMap(unpublishedOf),
    }
  }
}
export type Relay = ReturnType<typeof makeRelay>

const lanesOf = (envelopes: readonly Envelope[]): Lane[] =>
  [...Map.groupBy(envelopes, groupOf)].map(([group, ofGroup]) => ({
    group,
    steps: ofGroup
      .toSorted((a, b) => a.seq - b.seq)
      .flatMap((envelope) =>
        envelope.events.map((event) => ({ envelope, event, completes: event === envelope.events.at(-1) })),
      ),
    done: 0,
    failure: undefined,
  }))

const turnOf = (lane: Lane): readonly Turn[] => {
  const step = lane.failure === undefined ? lane.steps[lane.done] : undefined
  return step === undefined ? [] : [{ lane, step }]
}

const unpublishedOf = ({ steps, done, failure: reason }: Lane): readonly Unpublished[] =>
  reason === undefined
    ? []
    : [...new Set(steps.slice(done).map(({ envelope }) => envelope))].map((envelope) => ({
        envelope,
        reason,
      }))

const chunksOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
