import { DynamoDbWebhookDeliveryRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-delivery-repository'
import { DynamoDbWebhookEndpointRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-endpoint-repository'
import { readNetworks } from '@stockroom/adapters/http/address-policy'
import { HttpsWebhookClient } from '@stockroom/adapters/http/https-webhook-client'
import { KmsSecretOpener } from '@stockroom/adapters/kms/kms-secret-opener'
import { makePostponeMessage } from '@stockroom/adapters/sqs/postpone-message'
import { makeDeliverWebhook } from '@stockroom/domain/webhook/deliver-webhook'
import { DeliveryMessage } from '@stockroom/domain/webhook/delivery-queue'
import { dynamoDbClient, kmsClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import { Postponed } from '@stockroom/lambda/postponed'
import { fifoFunction } from '@stockroom/lambda/queue-function'
import * as z from 'zod/mini'
import { reportTurn } from './report-turn.ts'

/**
 * Trigger: the deliveries queue (FIFO), one message at a time. A delivery that has to wait hides its message for as long and stays the first
 * of its group; a message that fails otherwise comes back after the visibility timeout and at last lies in the DLQ, its delivery pending.
 */
const env = environment(
  z.object({
    WEBHOOKS_TABLE_NAME: z.string(),
    DELIVERIES_QUEUE_URL: z.url(),
    SECRETS_KEY_ID: z.string(),
    WEBHOOK_ALLOWED_NETWORKS: z.string(),
  }),
)
const webhooks = { client: dynamoDbClient(), webhooksTable: env.WEBHOOKS_TABLE_NAME }
const deliverWebhook = makeDeliverWebhook({
  deliveries: new DynamoDbWebhookDeliveryRepository(webhooks),
  endpoints: new DynamoDbWebhookEndpointRepository(webhooks),
  secrets: new KmsSecretOpener(kmsClient(), env.SECRETS_KEY_ID),
  client: new HttpsWebhookClient(readNetworks(env.WEBHOOK_ALLOWED_NETWORKS)),
  clock: { now: () => new Date() },
  random: Math.random,
})
const postpone = makePostponeMessage(sqsClient(), env.DELIVERIES_QUEUE_URL)

export const handler = fifoFunction({ body: DeliveryMessage }, async ({ body, cause, receiptHandle }) => {
  const turn = await deliverWebhook(body, cause)
  reportTurn(body, turn)
  if (turn.outcome !== 'later') return
  await postpone(receiptHandle, turn.seconds)
  throw new Postponed(`${body.eventId} for ${body.endpointId} in ${turn.seconds} s`)
})
