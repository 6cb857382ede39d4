import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expireOrdersFunction } from '@stockroom/cron/expire-orders-function'
import { eventCatalogue } from '@stockroom/domain/events/catalogue'
import { capturedOutput } from '@stockroom/lambda/captured-output'
import { invocationOf } from '@stockroom/lambda/invocation-of'
import { CloudEvent } from '@stockroom/outbox/envelope'
import { InMemoryOutboxStore } from '@stockroom/outbox/in-memory-outbox-store'
import { RecordingPublisher } from '@stockroom/outbox/recording-publisher'
import { makeRelay } from '@stockroom/outbox/relay'
import { relayOutboxFunction } from '@stockroom/stream-consumer/relay-outbox-function'
import { importChunkFunction } from '@stockroom/upload-processor/import-chunk-function'
import { planUploadFunction } from '@stockroom/upload-processor/plan-upload-function'
import { deliverWebhookFunction } from '@stockroom/webhook-sender/deliver-webhook-function'
import { fanOutEventFunction } from '@stockroom/webhook-sender/fan-out-event-function'
import type { DynamoDBStreamEvent, SQSEvent } from 'aws-lambda'
import { beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { anEventPipeline } from './an-event-pipeline.ts'

/**
 * What the functions of the first release wrote into queues and stream. These may wait in a queue for four weeks, so every later release must take
 * them: never change a line of the file, add to it.
 */
const recorded = z
  .object({
    outboxImages: z.array(z.looseObject({ events: z.object({ S: z.string() }) })),
    delivery: z.record(z.string(), z.unknown()),
    chunk: z.record(z.string(), z.unknown()),
    objectCreated: z.record(z.string(), z.unknown()),
    tick: z.record(z.string(), z.unknown()),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'recorded-messages.json'), 'utf8')))
const recordedEvents = recorded.outboxImages.flatMap(({ events }) =>
  z.array(CloudEvent).parse(JSON.parse(events.S)),
)

/** As a later release might write it: every object has a member that this one does not know. */
const later = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(later)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, later(member)])
  return { ...Object.fromEntries(members), ofALaterRelease: { since: 2 } }
}
const releases = [
  ['the first release', (value: unknown) => value],
  ['a later release', later],
] as const

const context = invocationOf('1')
const streamEvent = (images: readonly unknown[]): DynamoDBStreamEvent =>
  JSON.parse(
    JSON.stringify({
      Records: images.map((NewImage, n) => ({
        eventName: 'INSERT',
        dynamodb: { SequenceNumber: String(n + 1), NewImage },
      })),
    }),
  )
const queueEvent = (...bodies: readonly unknown[]): SQSEvent => ({
  Records: bodies.map((body, n) => ({
    messageId: `m-${n}`,
    receiptHandle: `r-${n}`,
    body: JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 's',
      ApproximateFirstReceiveTimestamp: '0',
      MessageGroupId: `group-${n}`,
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:queue.fifo',
    awsRegion: 'eu-west-1',
  })),
})
/** A use case that only says what it was called with. */
const anyUseCase = () => {
  const given: unknown[] = []
  return {
    given,
    useCase: async (command: unknown): Promise<never> => {
      given.push(command)
      throw new Error('that was all')
    },
  }
}

beforeEach(() => void capturedOutput())

it('an event of every type was recorded', () => {
  expect(recordedEvents.map(({ type }) => type).toSorted()).toEqual(
    [...Object.keys(eventCatalogue), 'webhook.replay_requested.v1'].toSorted(),
  )
})

describe.each(releases)('what %s wrote', (_, written) => {
  it('into the outbox is relayed, with every member of its events', async () => {
    const publisher = new RecordingPublisher()
    const relay = relayOutboxFunction({
      relay: makeRelay({ publisher, store: new InMemoryOutboxStore() }),
      park: (_, reason) => Promise.reject(new Error(reason)),
    })
    const images = recorded.outboxImages.map((image) => ({
      ...image,
      ofALaterRelease: { S: 'x' },
      events: { S: JSON.stringify(written(JSON.parse(image.events.S))) },
    }))
    expect(await relay(streamEvent(images), context)).toEqual({ batchItemFailures: [] })
    expect(publisher.sent.map(({ event }) => event)).toEqual(recordedEvents.map(written))
  })

  it('into the events queue is fanned out', async () => {
    const { fanOutFunction } = anEventPipeline()
    const answer = await fanOutFunction.invoke(queueEvent(...recordedEvents.map(written)))
    expect(answer).toEqual({ outcome: 'succeeded', payload: { batchItemFailures: [] } })
  })

  it('into the deliveries queue is delivered', async () => {
    const { given, useCase } = anyUseCase()
    await deliverWebhookFunction(useCase, async () => {})(queueEvent(written(recorded.delivery)), context)
    expect(given).toEqual([recorded.delivery])
  })

  it('into the chunks queue is imported', async () => {
    const { given, useCase } = anyUseCase()
    await importChunkFunction(useCase)(queueEvent(written(recorded.chunk)), context)
    expect(given).toEqual([recorded.chunk])
  })

  it('S3 into the uploads queue is planned', async () => {
    const { given, useCase } = anyUseCase()
    await planUploadFunction(useCase)(queueEvent(written(recorded.objectCreated)), context)
    expect(given).toEqual([{ merchant: 'acme', uploadId: 'upl_00000000000000000000000045' }])
  })

  it('the clock sends is a tick', async () => {
    const { given, useCase } = anyUseCase()
    const expire = expireOrdersFunction(useCase, () => new Date(0))
    await expect(expire(written(recorded.tick), context)).rejects.toThrow('that was all')
    expect(given).toHaveLength(1)
  })
})

it('a handler that is given fan-out for a use case that fails names the message: what these tests wait for can fail', async () => {
  const { useCase } = anyUseCase()
  const answer = await fanOutEventFunction(useCase)(queueEvent(recordedEvents[0]), context)
  expect(answer.batchItemFailures).toHaveLength(1)
})
