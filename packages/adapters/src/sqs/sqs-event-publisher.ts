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
    const { Successful = [], Failed = [] } = await this.#client.send(
      new SendMessageBatchCommand({
        QueueUrl: this.#queueUrl,
        Entries: events.map(({ group, event }, index) => ({
          Id: String(index),
          MessageGroupId: group,
          MessageDeduplicationId: event.id,
          MessageBody: messageBody(event),
          ...(event.traceparent === undefined
            ? {}
            : { MessageAttributes: { traceparent: { DataType: 'String', StringValue: event.traceparent } } }),
        })),
      }),
    )
    const confirmed = new Set(Successful.map(({ Id }) => Id))
    const reasons = new Map(Failed.map(({ Id, Code, Message }) => [Id, `${Code}: ${Message ?? ''}`]))
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

/**
 * JSON in the characters that SQS takes (SQS API, SendMessage). Of the others JSON escapes all but U+FFFE and U+FFFF; an event that holds one
 * must not fail with its batch for ever.
 */
const messageBody = (event: OutgoingEvent['event']): string =>
  JSON.stringify(event).replace(
    /[\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  )
