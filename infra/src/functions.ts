import { Construct } from 'constructs'
import { BundledFunction } from './bundled-function.ts'
import type { Stage } from './stage.ts'
import type { StatefulStack } from './stateful-stack.ts'
import { timeouts } from './timeouts.ts'

/** What the parameters of the stack say. */
interface Settings {
  readonly webhookAllowedNetworks: string
  readonly rateLimit: { readonly perSecond: string; readonly burst: string }
}

/** Every function with its environment and, line by line, its rights. Tables are written by transactions, whose elements are checked as single actions. */
export class Functions extends Construct {
  readonly http: BundledFunction
  readonly planUpload: BundledFunction
  readonly importChunk: BundledFunction
  readonly relayOutbox: BundledFunction
  readonly fanOutEvent: BundledFunction
  readonly deliverWebhook: BundledFunction
  readonly expireOrders: BundledFunction
  readonly sweepOutbox: BundledFunction
  readonly reportSales: BundledFunction

  constructor(
    scope: Construct,
    stage: Stage,
    { tables, queues, buckets, keys }: StatefulStack,
    { webhookAllowedNetworks, rateLimit }: Settings,
  ) {
    super(scope, 'Functions')
    const shop = tables.shop.tableArn
    const outbox = tables.outbox.tableArn
    const webhooks = tables.webhooks.tableArn
    const idempotency = tables.idempotency.tableArn
    const SHOP_TABLE_NAME = tables.shop.tableName
    const OUTBOX_TABLE_NAME = tables.outbox.tableName
    const WEBHOOKS_TABLE_NAME = tables.webhooks.tableName
    const IDEMPOTENCY_TABLE_NAME = tables.idempotency.tableName
    const UPLOADS_BUCKET_NAME = buckets.uploads.bucketName
    const EXPORTS_BUCKET_NAME = buckets.exports.bucketName
    const powertoolsRecords = [
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    ]

    this.http = new BundledFunction(this, 'Http', {
      stage,
      bundle: ['api', 'http'],
      timeout: timeouts.http,
      memorySize: 1024,
      environment: {
        SHOP_TABLE_NAME,
        OUTBOX_TABLE_NAME,
        WEBHOOKS_TABLE_NAME,
        IDEMPOTENCY_TABLE_NAME,
        UPLOADS_BUCKET_NAME,
        EXPORTS_BUCKET_NAME,
        CURSOR_KEY_ID: keys.cursors.keyId,
        SECRETS_KEY_ID: keys.webhookSecrets.keyId,
        RATE_LIMIT_PER_SECOND: rateLimit.perSecond,
        RATE_LIMIT_BURST: rateLimit.burst,
        WEBHOOK_ALLOWED_NETWORKS: webhookAllowedNetworks,
      },
    })
      .allow(
        [
          'dynamodb:GetItem',
          'dynamodb:BatchGetItem',
          'dynamodb:Query',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          // The reservation of a long order, once it has ended.
          'dynamodb:DeleteItem',
        ],
        shop,
      )
      .allow(['dynamodb:Query'], `${shop}/index/orders-by-status`)
      .allow(['dynamodb:PutItem'], outbox)
      .allow(
        [
          'dynamodb:GetItem',
          'dynamodb:Query',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
        ],
        webhooks,
      )
      .allow(powertoolsRecords, idempotency)
      // What a presigned form or link allows is what its signer may do.
      .allow(['s3:PutObject'], buckets.uploads.arnForObjects('uploads/*'))
      .allow(
        ['s3:GetObject'],
        buckets.exports.arnForObjects('rejects/*'),
        buckets.exports.arnForObjects('reports/*'),
      )
      // Without it a report that is not there is 403 and not 404.
      .allow(['s3:ListBucket'], buckets.exports.bucketArn)
      .allow(['kms:GenerateMac'], keys.cursors.keyArn)
      .allow(['kms:Encrypt'], keys.webhookSecrets.keyArn)

    this.planUpload = new BundledFunction(this, 'PlanUpload', {
      stage,
      bundle: ['upload-processor', 'plan-upload'],
      timeout: timeouts.planUpload,
      // One whole vCPU (Lambda guide, "configuration-memory"): what it does is scan.
      memorySize: 1769,
      environment: {
        SHOP_TABLE_NAME,
        OUTBOX_TABLE_NAME,
        UPLOADS_BUCKET_NAME,
        CHUNKS_QUEUE_URL: queues.chunks.queueUrl,
      },
    })
      .allow(['dynamodb:GetItem', 'dynamodb:PutItem'], shop)
      .allow(['dynamodb:PutItem'], outbox)
      .allow(['s3:GetObject', 's3:GetObjectVersion'], buckets.uploads.arnForObjects('uploads/*'))
      // Without it a missing object answers 403 instead of 404 and cannot be told from a missing right.
      .allow(['s3:ListBucket'], buckets.uploads.bucketArn)
      .allow(['sqs:SendMessage'], queues.chunks.queueArn)

    this.importChunk = new BundledFunction(this, 'ImportChunk', {
      stage,
      bundle: ['upload-processor', 'import-chunk'],
      timeout: timeouts.importChunk,
      memorySize: 1024,
      environment: { SHOP_TABLE_NAME, OUTBOX_TABLE_NAME, UPLOADS_BUCKET_NAME, EXPORTS_BUCKET_NAME },
    })
      .allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], shop)
      .allow(['dynamodb:PutItem'], outbox)
      .allow(['s3:GetObject', 's3:GetObjectVersion'], buckets.uploads.arnForObjects('uploads/*'))
      .allow(['s3:ListBucket'], buckets.uploads.bucketArn)
      .allow(['s3:GetObject', 's3:PutObject'], buckets.exports.arnForObjects('rejects/*'))
      // The rejects of an upload's chunks are found by their prefix.
      .allow(['s3:ListBucket'], buckets.exports.bucketArn)

    this.relayOutbox = new BundledFunction(this, 'RelayOutbox', {
      stage,
      bundle: ['stream-consumer', 'relay-outbox'],
      timeout: timeouts.relayOutbox,
      memorySize: 512,
      environment: {
        OUTBOX_TABLE_NAME,
        EVENTS_QUEUE_URL: queues.events.queueUrl,
        // Its right to write there comes with the stream, in event-sources.ts.
        FAILURES_BUCKET_NAME: buckets.failures.bucketName,
      },
    })
      .allow(['dynamodb:UpdateItem'], outbox)
      .allow(['sqs:SendMessage'], queues.events.queueArn)

    this.fanOutEvent = new BundledFunction(this, 'FanOutEvent', {
      stage,
      bundle: ['webhook-sender', 'fan-out-event'],
      timeout: timeouts.fanOutEvent,
      memorySize: 512,
      environment: { WEBHOOKS_TABLE_NAME, DELIVERIES_QUEUE_URL: queues.webhookDeliveries.queueUrl },
    })
      .allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], webhooks)
      .allow(['sqs:SendMessage'], queues.webhookDeliveries.queueArn)

    this.deliverWebhook = new BundledFunction(this, 'DeliverWebhook', {
      stage,
      bundle: ['webhook-sender', 'deliver-webhook'],
      timeout: timeouts.deliverWebhook,
      memorySize: 512,
      environment: {
        WEBHOOKS_TABLE_NAME,
        DELIVERIES_QUEUE_URL: queues.webhookDeliveries.queueUrl,
        SECRETS_KEY_ID: keys.webhookSecrets.keyId,
        WEBHOOK_ALLOWED_NETWORKS: webhookAllowedNetworks,
      },
    })
      .allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], webhooks)
      .allow(['sqs:ChangeMessageVisibility'], queues.webhookDeliveries.queueArn)
      .allow(['kms:Decrypt'], keys.webhookSecrets.keyArn)

    this.expireOrders = new BundledFunction(this, 'ExpireOrders', {
      stage,
      bundle: ['cron', 'expire-orders'],
      timeout: timeouts.expireOrders,
      memorySize: 512,
      environment: { SHOP_TABLE_NAME, OUTBOX_TABLE_NAME },
    })
      .allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'], shop)
      .allow(['dynamodb:Query'], `${shop}/index/orders-for-clock`)
      .allow(['dynamodb:PutItem'], outbox)

    this.sweepOutbox = new BundledFunction(this, 'SweepOutbox', {
      stage,
      bundle: ['cron', 'sweep-outbox'],
      timeout: timeouts.sweepOutbox,
      memorySize: 512,
      environment: { OUTBOX_TABLE_NAME, EVENTS_QUEUE_URL: queues.events.queueUrl },
    })
      .allow(['dynamodb:Query'], `${outbox}/index/unpublished`)
      .allow(['dynamodb:Query', 'dynamodb:UpdateItem'], outbox)
      .allow(['sqs:SendMessage'], queues.events.queueArn)

    this.reportSales = new BundledFunction(this, 'ReportSales', {
      stage,
      bundle: ['cron', 'report-sales'],
      timeout: timeouts.reportSales,
      memorySize: 1024,
      environment: { SHOP_TABLE_NAME, IDEMPOTENCY_TABLE_NAME, EXPORTS_BUCKET_NAME },
    })
      .allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem'], shop)
      .allow(['dynamodb:Query'], `${shop}/index/orders-for-clock`)
      .allow(powertoolsRecords, idempotency)
      .allow(['s3:PutObject'], buckets.exports.arnForObjects('reports/*'))
  }
}
