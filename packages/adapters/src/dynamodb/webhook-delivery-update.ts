import type { Update } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { WebhookDelivery } from '@stockroom/domain/webhook/webhook-delivery'
import { deliveryKey } from './keys.ts'
import { setAtRevision } from './set-at-revision.ts'

/** When TTL may take a delivery; seconds, as TTL reads it. */
export const deliveryTtl = ({ keepUntil }: WebhookDelivery): number =>
  Math.floor(Date.parse(keepUntil) / 1_000)

/** Writes what changes in the life of a delivery, if the stored revision is the one before. The payload stays where it is. */
export const deliveryUpdate = (tableName: string, delivery: WebhookDelivery) => {
  const { merchant, endpointId, eventId, revision, state, attempts, replays, keepUntil } = delivery
  return {
    TableName: tableName,
    Key: marshall(deliveryKey(merchant, endpointId, eventId)),
    ...setAtRevision(revision - 1, { state, attempts, replays, keepUntil, ttl: deliveryTtl(delivery) }),
  } satisfies Update
}
