import type { makeDeliverWebhook } from '@stockroom/domain/webhook/deliver-webhook'
import { DeliveryMessage } from '@stockroom/domain/webhook/delivery-queue'
import { Postponed } from '@stockroom/lambda/postponed'
import { fifoFunction } from '@stockroom/lambda/queue-function'
import { reportTurn } from './report-turn.ts'

/** Hides the message of this receipt handle for so many seconds. */
type Postpone = (receiptHandle: string, seconds: number) => Promise<void>

/**
 * Trigger: the deliveries queue (FIFO), one message at a time. A delivery that has to wait hides its message for as long and stays the first
 * of its group; a message that fails otherwise comes back after the visibility timeout and at last lies in the DLQ, its delivery pending.
 */
export const deliverWebhookFunction = (
  deliverWebhook: ReturnType<typeof makeDeliverWebhook>,
  postpone: Postpone,
) =>
  fifoFunction({ body: DeliveryMessage }, async ({ body, cause, receiptHandle }) => {
    const turn = await deliverWebhook(body, cause)
    reportTurn(body, turn)
    if (turn.outcome !== 'later') return
    await postpone(receiptHandle, turn.seconds)
    throw new Postponed(`${body.eventId} for ${body.endpointId} in ${turn.seconds} s`)
  })
