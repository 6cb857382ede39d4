import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { marshall } from '@aws-sdk/util-dynamodb'
import type { WebhookEndpoint } from '@stockroom/domain/webhook/webhook-endpoint'
import { endpointKey } from './keys.ts'

/** An endpoint as an item of the webhooks table; `WebhookEndpoint.parse` of its attributes reads it back. */
export const endpointItem = (endpoint: WebhookEndpoint): Record<string, AttributeValue> =>
  marshall({ ...endpoint, ...endpointKey(endpoint.merchant, endpoint.id) })
