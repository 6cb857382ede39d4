import { DynamoDbWebhookDeliveryRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-delivery-repository'
import { DynamoDbWebhookEndpointRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-endpoint-repository'
import { readNetworks } from '@stockroom/adapters/http/address-policy'
import { HttpsWebhookClient } from '@stockroom/adapters/http/https-webhook-client'
import { KmsSecretOpener } from '@stockroom/adapters/kms/kms-secret-opener'
import { makePostponeMessage } from '@stockroom/adapters/sqs/postpone-message'
import { makeDeliverWebhook } from '@stockroom/domain/webhook/deliver-webhook'
import { dynamoDbClient, kmsClient, sqsClient } from '@stockroom/lambda/aws-clients'
import { environment } from '@stockroom/lambda/env'
import * as z from 'zod/mini'
import { deliverWebhookFunction } from './deliver-webhook-function.ts'

/** deliver-webhook-function.ts over DynamoDB, SQS, KMS and HTTPS. */
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

export const handler = deliverWebhookFunction(deliverWebhook, postpone)
