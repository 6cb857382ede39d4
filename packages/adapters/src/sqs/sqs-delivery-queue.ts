import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Cause } from '@stockroom/domain/cause'
import type { EventId } from '@stockroom/domain/ids'
import type { DeliveryMessage, DeliveryQueue } from '@stockroom/domain/webhook/delivery-queue'

/**
 * The deliveries queue (FIFO). SQS itself keeps the order: while a message of a group is in flight or hidden, no other of that group is
 * handed out (SQS guide, "FIFO queue delivery logic").
 */
export class SqsDeliveryQueue implements DeliveryQueue {
  readonly #client: SQSClient
  readonly #queueUrl: string

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client
    this.#queueUrl = queueUrl
  }

  async send(
    message: DeliveryMessage,
    { subject, asked }: { readonly subject: string; readonly asked: EventId },
    { correlationId, traceparent }: Cause,
  ): Promise<void> {
    const { merchant, endpointId } = message
    await this.#client.send(
      new SendMessageCommand({
        QueueUrl: this.#queueUrl,
        MessageGroupId: `${merchant}#${endpointId}#${subject}`,
        MessageDeduplicationId: `${asked}#${endpointId}`,
        MessageBody: JSON.stringify(message),
        MessageAttributes: {
          correlationId: { DataType: 'String', StringValue: correlationId },
          ...(traceparent === undefined
            ? {}
            : { traceparent: { DataType: 'String', StringValue: traceparent } }),
        },
      }),
    )
  }
}
