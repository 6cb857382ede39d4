import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Cause } from '@stockroom/domain/cause'
import type { ChunkQueue } from '@stockroom/domain/upload/chunk-queue'
import type { ChunkAddress } from '@stockroom/domain/upload/upload-repository'

/** SendMessageBatch takes ten entries (SQS guide, "quotas-messages"). */
const maxBatch = 10

/** The chunks queue (standard): body `{merchant, uploadId, chunk}`, correlation id and trace as attributes. */
export class SqsChunkQueue implements ChunkQueue {
  readonly #client: SQSClient
  readonly #queueUrl: string

  constructor({ client, queueUrl }: { readonly client: SQSClient; readonly queueUrl: string }) {
    this.#client = client
    this.#queueUrl = queueUrl
  }

  async send(chunks: readonly ChunkAddress[], cause: Cause): Promise<void> {
    for (let start = 0; start < chunks.length; start += maxBatch)
      await this.#sendBatch(chunks.slice(start, start + maxBatch), cause)
  }

  async #sendBatch(chunks: readonly ChunkAddress[], { correlationId, traceparent }: Cause): Promise<void> {
    const text = (StringValue: string) => ({ DataType: 'String', StringValue })
    const { Successful = [], Failed = [] } = await this.#client.send(
      new SendMessageBatchCommand({
        QueueUrl: this.#queueUrl,
        Entries: chunks.map(({ merchant, uploadId, chunk }) => ({
          Id: String(chunk),
          MessageBody: JSON.stringify({ merchant, uploadId, chunk }),
          MessageAttributes: {
            correlationId: text(correlationId),
            ...(traceparent === undefined ? {} : { traceparent: text(traceparent) }),
          },
        })),
      }),
    )
    // The request succeeds even if entries fail. Only a confirmation counts; the caller sends all again, which harms nobody.
    const confirmed = new Set(Successful.map(({ Id }) => Id))
    const lost = chunks.filter(({ chunk }) => !confirmed.has(String(chunk)))
    if (lost.length > 0) {
      const reasons = Failed.map(({ Id, Code, Message = '' }) => `${Id} (${Code}: ${Message})`)
      throw new Error(`SQS did not take ${lost.length} chunks: ${reasons.join(', ')}`)
    }
  }
}
