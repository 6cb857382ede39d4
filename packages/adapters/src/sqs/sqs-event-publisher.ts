import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { EventPublisher, OutgoingEvent } from '@stockroom/outbox/event-publisher'

/** The events queue (FIFO): the event's id is the deduplication id, so SQS drops repeats for five minutes; consumers drop later ones. */
export class SqsEventPublisher implements EventPublisher {
  // SendMessageBatch takes ten entries (SQS guide, "quotas-messages").
  readonly maxBatch = 10
  readonly #client: SQSClient
  readonly #queueUrl: string

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client
    this.#queueUrl = queueUrl
  }

  async publish(events: readonly OutgoingEvent[]): Promise<{ readonly failed: ReadonlyMap<string, string> }> {
    const entries = events.map(({ group, event }, index) => ({
      Id: String(index),
      MessageGroupId: group,
      MessageDeduplicationId: event.id,
      MessageBody: messageBody(event),
      ...(event.traceparent === undefined
        ? {}
        : { MessageAttributes: { traceparent: { DataType: 'String', StringValue: event.traceparent } } }),
    }))
    const confirmed = new Set<string | undefined>()
    const reasons = new Map<string | undefined, string>()
    for (const call of callsOf(entries)) {
      const { Successful = [], Failed = [] } = await this.#client.send(
        new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries: call }),
      )
      for (const { Id } of Successful) confirmed.add(Id)
      for (const { Id, Code, Message } of Failed) reasons.set(Id, `${Code}: ${Message ?? ''}`)
    }
    return {
      failed: new Map(
        events.flatMap(({ event }, index) =>
          // Only a confirmation counts: an entry in neither list was not sent.
          confirmed.has(String(index)) ? [] : [[event.id, reasons.get(String(index)) ?? 'not confirmed']],
        ),
      ),
    }
  }
}

/** A call takes as much as one message, 1 MiB in all (SQS guide, "quotas-messages"); what an entry has beside its body is far below the rest. */
const maxCallBytes = 1_048_576 - 10 * 1_024

/** Entries in as few calls as their sizes allow: events of long orders are some 290 KB each. */
const callsOf = <E extends { readonly MessageBody: string }>(entries: readonly E[]): E[][] => {
  const calls: E[][] = []
  let room = 0
  for (const entry of entries) {
    const bytes = Buffer.byteLength(entry.MessageBody)
    const call = calls.at(-1)
    if (call !== undefined && bytes <= room) call.push(entry)
    else {
      calls.push([entry])
      room = maxCallBytes
    }
    room -= bytes
  }
  return calls
}

/**
 * JSON in the characters that SQS takes (SQS API, SendMessage). Of the others JSON escapes all but U+FFFE and U+FFFF; an event that holds one
 * must not fail with its batch for ever.
 */
const messageBody = (event: OutgoingEvent['event']): string =>
  JSON.stringify(event).replace(
    /[\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  )
