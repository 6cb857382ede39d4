import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { WebhookDelivery } from '@stockroom/domain/webhook/webhook-delivery'
import { deliveryKey } from './keys.ts'

/** A delivery as an item of the webhooks table; `WebhookDelivery.parse` of its attributes reads it back. */
export const deliveryItem = (delivery: WebhookDelivery): Record<string, AttributeValue> =>
  marshall({
    ...delivery,
    ...deliveryKey(delivery.merchant, delivery.endpointId, delivery.eventId),
    ttl: Math.floor(Date.parse(delivery.keepUntil) / 1_000),
  })

/** The condition of a change: nobody else made one since. Also false when the delivery is gone. */
export const revisionBefore = ({ revision }: WebhookDelivery) => ({
  ConditionExpression: 'revision = :before',
  ExpressionAttributeValues: marshall({ ':before': revision - 1 }),
})
