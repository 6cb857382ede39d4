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
          MessageBody: JSON.stringify(event),
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
