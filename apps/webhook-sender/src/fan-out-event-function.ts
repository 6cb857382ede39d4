import type { makeFanOutEvent } from '@stockroom/domain/webhook/fan-out-event'
import type { Entry } from '@stockroom/lambda/function-stack'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { fifoFunction } from '@stockroom/lambda/queue-function'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'

// The use case parses: it must pass on what it does not know.
const options = {
  body: z.looseObject({ correlationid: z.optional(z.string()) }),
  correlationId: ({ correlationid }: { correlationid?: string | undefined }) => correlationid,
}

/**
 * Trigger: the events queue (FIFO). An event that fails holds back the later ones of its aggregate, comes back, and at last lies in the
 * DLQ with its payload. Next stop of an event: deliver-webhook-function.ts, by the deliveries queue.
 */
export const fanOutEventFunction = (
  fanOutEvent: ReturnType<typeof makeFanOutEvent>,
): Entry<SQSEvent, SQSBatchResponse> => {
  const inOrderGiven = fifoFunction(options, async ({ body, cause }) => {
    const result = await fanOutEvent(body, cause)
    logger.info('Event fanned out', {
      eventId: body.id,
      eventType: body.type,
      subject: body.subject,
      ...result,
    })
    if (result.outcome === 'fanned_out') count('WebhookDeliveryCreated', result.deliveries)
  })
  return (event, context) => inOrderGiven({ Records: event.Records.toSorted(bySequence) }, context)
}

/**
 * A group is handed out in the order in which it was sent. When the sweep or a redrive sent an event behind its successors, the successor in front
 * would wait for it and keep it from its turn, until both lie in the dead-letter queue.
 */
const bySequence = (a: SQSRecord, b: SQSRecord): number => sequenceOf(a) - sequenceOf(b)

/** What has no sequence is no event of ours: it fails, and must not keep the events of its group from their turn. */
const sequenceOf = ({ body }: SQSRecord): number =>
  Number(/"sequence":"(\d+)"/.exec(body)?.[1] ?? Number.MAX_SAFE_INTEGER)
