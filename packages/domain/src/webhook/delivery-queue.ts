import * as z from 'zod/mini'
import type { Cause } from '../cause.ts'
import { EventId, WebhookEndpointId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'

/** Names a delivery whose turn it is. What to send stands in the delivery. */
export const DeliveryMessage = z.object({
  merchant: MerchantId,
  endpointId: WebhookEndpointId,
  eventId: EventId,
})
export type DeliveryMessage = z.infer<typeof DeliveryMessage>

/** Carries deliveries to the sender. */
export interface DeliveryQueue {
  /**
   * MUST hand out the messages of one endpoint and subject in the order sent, the next one only when the one before is done.
   * `asked` is the event that asks for it; the same one asking again within minutes SHOULD make no second message.
   */
  send(message: DeliveryMessage, order: { subject: string; asked: EventId }, cause: Cause): Promise<void>
}
