import { DynamoDbAnswerStore } from '@stockroom/adapters/dynamodb/dynamodb-answer-store'
import { DynamoDbReplayRequests } from '@stockroom/adapters/dynamodb/dynamodb-replay-requests'
import { DynamoDbWebhookDeliveryRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-delivery-repository'
import { DynamoDbWebhookEndpointRegistry } from '@stockroom/adapters/dynamodb/dynamodb-webhook-endpoint-registry'
import { DynamoDbWebhookEndpointRepository } from '@stockroom/adapters/dynamodb/dynamodb-webhook-endpoint-repository'
import { SealedAnswerStore } from '@stockroom/adapters/dynamodb/sealed-answer-store'
import { readNetworks } from '@stockroom/adapters/http/address-policy'
import { DnsWebhookTargets } from '@stockroom/adapters/http/dns-webhook-targets'
import { KmsSecretMint } from '@stockroom/adapters/kms/kms-secret-mint'
import { UlidIds } from '@stockroom/adapters/ulid-ids'
import { makeListDeliveries } from '@stockroom/domain/webhook/list-deliveries'
import { makeRegisterEndpoint } from '@stockroom/domain/webhook/register-endpoint'
import { makeReplayDelivery } from '@stockroom/domain/webhook/replay-delivery'
import { makeRotateSecret } from '@stockroom/domain/webhook/rotate-secret'
import type { dynamoDbClient, kmsClient } from '@stockroom/lambda/aws-clients'
import { env } from './env.ts'
import type { WebhookDeps } from './routes/webhooks.ts'

export interface WebhookClients {
  readonly dynamoDb: ReturnType<typeof dynamoDbClient>
  readonly kms: ReturnType<typeof kmsClient>
}

/** Webhook endpoints and their deliveries over DynamoDB and KMS. */
export const webhookDeps = ({ dynamoDb, kms }: WebhookClients): Omit<WebhookDeps, 'cursors'> => {
  const clock = { now: () => new Date() }
  const tables = {
    client: dynamoDb,
    clock,
    shopTable: env.SHOP_TABLE_NAME,
    outboxTable: env.OUTBOX_TABLE_NAME,
    webhooksTable: env.WEBHOOKS_TABLE_NAME,
  }
  const ids = new UlidIds(clock)
  const endpoints = new DynamoDbWebhookEndpointRepository(tables)
  const deliveries = new DynamoDbWebhookDeliveryRepository(tables)
  const registry = new DynamoDbWebhookEndpointRegistry(tables)
  const answers = new SealedAnswerStore(new DynamoDbAnswerStore(tables))
  const secrets = new KmsSecretMint(kms, env.SECRETS_KEY_ID)
  return {
    registerEndpoint: makeRegisterEndpoint({
      registry,
      answers,
      targets: new DnsWebhookTargets(readNetworks(env.WEBHOOK_ALLOWED_NETWORKS)),
      secrets,
      ids,
      clock,
    }),
    rotateSecret: makeRotateSecret({ endpoints, registry, answers, secrets, clock }),
    listDeliveries: makeListDeliveries({ endpoints, deliveries }),
    replayDelivery: makeReplayDelivery({
      endpoints,
      deliveries,
      replays: new DynamoDbReplayRequests(tables),
      ids,
      clock,
    }),
    webhookEndpoints: endpoints,
    webhookRegistry: registry,
  }
}
