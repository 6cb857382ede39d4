import * as z from 'zod/mini'
import { event } from '../events/event.ts'
import { EventId, WebhookEndpointId } from '../ids.ts'

/**
 * Somebody wants a settled delivery sent again. Internal: it is not in the catalogue and goes to no endpoint. It takes the way of every
 * event because the API may not write to queues. Its subject is the delivery, `whk_…/evt_…`.
 */
export const WebhookReplayRequestedV1 = event(
  'webhook.replay_requested.v1',
  z.object({
    endpointId: WebhookEndpointId,
    eventId: EventId,
    /** The subject of the event to send. */
    subject: z.string(),
  }),
)
export type WebhookReplayRequestedV1 = z.infer<typeof WebhookReplayRequestedV1>
