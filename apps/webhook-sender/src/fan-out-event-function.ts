import type { makeFanOutEvent } from '@stockroom/domain/webhook/fan-out-event'
import { logger } from '@stockroom/lambda/logger'
import { count } from '@stockroom/lambda/metrics'
import { fifoFunction } from '@stockroom/lambda/queue-function'
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
export const fanOutEventFunction = (fanOutEvent: ReturnType<typeof makeFanOutEvent>) =>
  fifoFunction(options, async ({ body, cause }) => {
    const result = await fanOutEvent(body, cause)
    logger.info('Event fanned out', {
      eventId: body.id,
      eventType: body.type,
      subject: body.subject,
      ...result,
    })
    if (result.outcome === 'fanned_out') count('WebhookDeliveryCreated', result.deliveries)
  })
