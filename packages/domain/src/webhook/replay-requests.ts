import type { WebhookDelivery } from './webhook-delivery.ts'
import type { WebhookReplayRequestedV1 } from './webhook-replay-requested.v1.ts'

/** Takes requests to send deliveries again. */
export interface ReplayRequests {
  /**
   * MUST write the changed delivery and the envelope of the event that brings it back to the queue in one transaction, or nothing: no replay
   * is lost, and none happens twice. `superseded` when the delivery is not at the revision before.
   */
  commit(delivery: WebhookDelivery, event: WebhookReplayRequestedV1): Promise<'saved' | 'superseded'>
}
