import { putEnvelope } from '@stockroom/adapters/dynamodb/outbox-item'
import { aWebhookDesk } from '@stockroom/domain/webhook/a-webhook-desk'
import type { DeliveryQueue } from '@stockroom/domain/webhook/delivery-queue'
import { makeFanOutEvent } from '@stockroom/domain/webhook/fan-out-event'
import type { Entry } from '@stockroom/lambda/function-stack'
import { invocationOf } from '@stockroom/lambda/invocation-of'
import type { EventSourceFact } from '@stockroom/local-cloud/events/event-source-observer'
import { InMemoryQueue } from '@stockroom/local-cloud/events/in-memory-queue'
import { InMemoryStream } from '@stockroom/local-cloud/events/in-memory-stream'
import { failed, succeeded } from '@stockroom/local-cloud/events/scripted-function'
import { SqsEventSource } from '@stockroom/local-cloud/events/sqs-event-source'
import {
  StreamEventSource,
  type StreamEventSourceDependencies,
} from '@stockroom/local-cloud/events/stream-event-source'
import type { StreamFailure } from '@stockroom/local-cloud/events/stream-failure'
import type { InvocableFunction, Invocation } from '@stockroom/local-cloud/lambda/invocation'
import { ManualClock } from '@stockroom/local-cloud/manual-clock'
import { CloudEvent, type Envelope, seal } from '@stockroom/outbox/envelope'
import type { EventPublisher } from '@stockroom/outbox/event-publisher'
import { InMemoryOutboxStore } from '@stockroom/outbox/in-memory-outbox-store'
import { makeRelay } from '@stockroom/outbox/relay'
import { makeSweep } from '@stockroom/outbox/sweep'
import { relayOutboxFunction } from '@stockroom/stream-consumer/relay-outbox-function'
import { fanOutEventFunction } from '@stockroom/webhook-sender/fan-out-event-function'
import type {
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda'
import * as z from 'zod'

const Queued = z.object({ subject: z.string(), eventId: z.string() })

export const minute = 60_000
export const hour = 60 * minute

/**
 * A function as its event source calls it: each execution environment has one invocation at a time. A test replaces `answer` to lose, change or refuse
 * what the handler says.
 */
class HandlerFunction<Event, Response> implements InvocableFunction {
  readonly arn = 'arn:aws:lambda:eu-west-1:000000000000:function:under-test'
  readonly timeoutSeconds = 10
  readonly name: string
  readonly events: Event[] = []
  answer: (ask: () => Promise<Response>, event: Event, call: number) => Promise<Response | Invocation> = (
    ask,
  ) => ask()
  readonly #make: () => Entry<Event, Response>
  readonly #idle: Entry<Event, Response>[] = []

  constructor(name: string, make: () => Entry<Event, Response>) {
    this.name = name
    this.#make = make
  }

  async invoke(event: unknown): Promise<Invocation> {
    const given = JSON.parse(JSON.stringify(event)) as Event
    const call = this.events.push(given)
    const entry = this.#idle.pop() ?? this.#make()
    try {
      const answer = await this.answer(() => entry(given, invocationOf(`${this.name}-${call}`)), given, call)
      return typeof answer === 'object' && answer !== null && 'outcome' in answer ? answer : succeeded(answer)
    } catch (error) {
      return failed('Error', String(error))
    } finally {
      this.#idle.push(entry)
    }
  }
}

/**
 * From the outbox to the deliveries on one virtual clock: the relay and fan-out functions as they are deployed, on the local cloud's event sources with
 * the settings of the template, over stores and queues in memory.
 */
export const anEventPipeline = () => {
  const clock = new ManualClock()
  const wall = { now: () => new Date(clock.now()) }
  const desk = aWebhookDesk()

  const store = new InMemoryOutboxStore()
  const stream = new InMemoryStream()
  stream.open('shard-0')
  const records: { readonly at: number; readonly record: DynamoDBRecord }[] = []

  const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:000000000000:${name}`
  const kept = {
    clock,
    messageRetentionSeconds: 14 * 24 * 3_600,
    deduplicationScope: 'messageGroup',
  } as const
  const deadLetters = new InMemoryQueue({ queueArn: queueArn('events-dlq.fifo'), ...kept })
  const events = new InMemoryQueue({
    queueArn: queueArn('events.fifo'),
    ...kept,
    visibilityTimeoutSeconds: 60,
    redrive: { to: deadLetters, maxReceiveCount: 10 },
  })
  const publisher: EventPublisher = {
    maxBatch: 10,
    publish: async (outgoing) => {
      for (const { group, event } of outgoing)
        await events.send({ body: JSON.stringify(event), groupId: group, deduplicationId: event.id })
      return { failed: new Map() }
    },
  }
  // Looked up at each call, so that a test can put itself between relay and queue, or relay and table.
  const relay = makeRelay({
    publisher: { maxBatch: publisher.maxBatch, publish: (outgoing) => publisher.publish(outgoing) },
    store: { markPublished: (envelope) => store.markPublished(envelope) },
  })
  const sweep = makeSweep({ store, relay, clock: wall })

  const deliveries = new InMemoryQueue({ queueArn: queueArn('webhook-deliveries.fifo'), ...kept })
  const deliveryQueue: DeliveryQueue = {
    send: ({ endpointId, eventId }, { subject, asked }) =>
      deliveries.send({
        body: JSON.stringify({ subject, eventId }),
        groupId: `${endpointId}#${subject}`,
        deduplicationId: `${asked}#${endpointId}`,
      }),
  }
  const ports = { ...desk.ports, queue: deliveryQueue }
  const unreadable: DynamoDBRecord[] = []
  const failures = { park: async (record: DynamoDBRecord) => void unreadable.push(record) }
  const relayFunction = new HandlerFunction<DynamoDBStreamEvent, DynamoDBBatchResponse>('relay-outbox', () =>
    relayOutboxFunction({ relay, park: (record) => failures.park(record) }),
  )
  const fanOutFunction = new HandlerFunction<SQSEvent, SQSBatchResponse>('fan-out-event', () =>
    fanOutEventFunction(makeFanOutEvent({ ...ports, clock: wall })),
  )

  const parked: StreamFailure[] = []
  const facts: EventSourceFact[] = []
  const running: { close(): Promise<void> }[] = []
  const relays: StreamEventSource[] = []
  const observe = (fact: EventSourceFact) => void facts.push(fact)

  const started = <S extends { start(): void; close(): Promise<void> }>(source: S): S => {
    running.push(source)
    source.start()
    return source
  }
  const versions = new Map<string, number>()
  const sequencesByEvent = new Map<string, number>()
  let sequenceNumber = 0

  const recordOf = (
    envelope: Envelope,
    eventName: DynamoDBRecord['eventName'] = 'INSERT',
  ): DynamoDBRecord => {
    const { Item } = putEnvelope('outbox', envelope).Put ?? {}
    sequenceNumber += 1
    const record: DynamoDBRecord = JSON.parse(
      JSON.stringify({
        eventName,
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(clock.now() / 1_000),
          Keys: { pk: Item?.pk, sk: Item?.sk },
          ...(eventName !== 'REMOVE' && { NewImage: Item }),
          SequenceNumber: String(sequenceNumber),
        },
      }),
    )
    return record
  }

  return {
    clock,
    store,
    stream,
    publisher,
    /** What the consumer calls; a test may put itself in between. */
    ports,
    desk,
    events,
    deadLetters,
    relayFunction,
    fanOutFunction,
    parked,
    /** Where the relay parks what nobody can read; a test may put itself in between. */
    failures,
    unreadable,
    facts,
    recordOf,

    /** The transaction of one change of `subject`, with as many events: its envelope is stored and nothing else has happened. */
    commit(subject: string, count = 1, createdAt = wall.now()): Envelope {
      const first = (versions.get(subject) ?? 0) + 1
      const made = Array.from({ length: count }, (_, index) => {
        const event = CloudEvent.parse(JSON.parse(desk.anEvent(subject, first + index)))
        sequencesByEvent.set(event.id, first + index)
        return event
      })
      versions.set(subject, first + count - 1)
      const [head, ...rest] = made
      if (head === undefined) throw new RangeError('an envelope has at least one event')
      const envelope = seal(desk.shop, [head, ...rest], createdAt)
      store.add(envelope)
      return envelope
    },

    /** What the table's stream shows of a change, now. */
    append(record: DynamoDBRecord, shard = 'shard-0'): void {
      records.push({ at: clock.now(), record })
      stream.append(shard, record)
      for (const relaying of relays) relaying.wake()
    },

    /** A change, seen by the stream at once. */
    change(subject: string, count = 1): Envelope {
      const envelope = this.commit(subject, count)
      this.append(recordOf(envelope))
      return envelope
    },

    /** The stream forgets what is older than 24 hours (DynamoDB guide, "Streams"). */
    trim(): void {
      stream.open('shard-0')
      const young = records.filter(({ at }) => clock.now() - at <= 24 * hour)
      stream.append('shard-0', ...young.map(({ record }) => record))
    },

    startRelay(
      startingPosition: 'TRIM_HORIZON' | 'LATEST' = 'TRIM_HORIZON',
      { name = 'RelayOutbox', ...given }: { name?: string } & Partial<StreamEventSourceDependencies> = {},
    ): StreamEventSource {
      const settings = {
        startingPosition,
        batchSize: 100,
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 10,
        maximumRecordAgeInSeconds: 6 * 3_600,
        reportsBatchItemFailures: true,
        filterCriteria: [JSON.stringify({ eventName: ['INSERT'] })],
        idlePollMs: 30_000,
      }
      const onFailure = { accept: async (failure: StreamFailure) => void parked.push(failure) }
      const source = started(
        new StreamEventSource(
          { name, ...settings },
          { stream, clock, function: relayFunction, observe, onFailure, ...given },
        ),
      )
      relays.push(source)
      return source
    },

    startFanOut(maximumConcurrency = 2): SqsEventSource {
      const settings = {
        batchSize: 10,
        reportsBatchItemFailures: true,
        visibilityTimeoutSeconds: 60,
        maximumConcurrency,
      }
      return started(
        new SqsEventSource(
          { name: 'FanOutEvent', ...settings },
          { queue: events, clock, function: fanOutFunction, observe },
        ),
      )
    },

    /** Sweeps once as the scheduled function does. */
    sweepNow: () => sweep({ olderThanSeconds: 60, deadline: new Date(clock.now() + 20_000) }),

    /** Sweeps every minute from now on. */
    startSweeping(): void {
      const tick = (): void => {
        stop = clock.schedule(minute, tick)
        pending = this.sweepNow()
      }
      let stop = clock.schedule(minute, tick)
      let pending: Promise<unknown> = Promise.resolve()
      running.push({
        close: async () => {
          stop()
          await pending
        },
      })
    },

    /** Puts everything in the DLQ back, in the order in which it lies there, as StartMessageMoveTask does. */
    async redrive(): Promise<void> {
      const { signal } = new AbortController()
      for (;;) {
        const messages = await deadLetters.receive(10, 0, signal)
        if (messages.length === 0) return
        for (const { Body, Attributes, ReceiptHandle } of messages) {
          // A moved message is a new one to the queue: SQS does not compare it with what was sent before.
          const moved = {
            groupId: Attributes.MessageGroupId ?? '',
            deduplicationId: `${ReceiptHandle}-moved`,
          }
          await events.send({ body: Body, ...moved })
          await deadLetters.delete([ReceiptHandle])
        }
      }
    },

    /** The endpoint that subscribes to everything. */
    subscribed: () => desk.registered(),

    /** Per subject the sequences of the events whose delivery was queued, in that order. */
    delivered(): Record<string, readonly (number | undefined)[]> {
      const queued = deliveries.messages().map(({ sent }) => Queued.parse(JSON.parse(sent.body)))
      return Object.fromEntries(
        [...Map.groupBy(queued, ({ subject }) => subject)].map(([subject, ofSubject]) => [
          subject,
          ofSubject.map(({ eventId }) => sequencesByEvent.get(eventId)),
        ]),
      )
    },

    /** What {@link delivered} must say when everything that was committed has arrived once, in order. */
    committed: () =>
      Object.fromEntries(
        [...versions].map(([subject, version]) => [
          subject,
          Array.from({ length: version }, (_, index) => index + 1),
        ]),
      ),

    pending: () => store.rows().filter(({ published }) => !published).length,

    async close(): Promise<void> {
      await Promise.all(running.map((source) => source.close()))
    },
  }
}
export type EventPipeline = ReturnType<typeof anEventPipeline>
