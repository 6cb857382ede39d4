import { type App, CfnParameter, Duration, Stack, Tags } from 'aws-cdk-lib'
import { consumeQueue, consumeStream } from './event-sources.ts'
import { Functions } from './functions.ts'
import { HttpApi } from './http-api.ts'
import { Schedules } from './schedules.ts'
import type { Stage } from './stage.ts'
import type { StatefulStack } from './stateful-stack.ts'

/** Code and what calls it; can be deleted and deployed again at any time. */
export class StatelessStack extends Stack {
  constructor(app: App, stage: Stage, data: StatefulStack) {
    super(app, `Stockroom-${stage.name}-Stateless`, {
      description: `Stockroom (${stage.name}): functions, mappings, schedules and the HTTP API`,
    })
    Tags.of(this).add('stockroom:stage', stage.name)
    const jwtIssuer = new CfnParameter(this, 'JwtIssuer', {
      description:
        'https URL of the OpenID Connect issuer whose access tokens the API accepts; their claim merchant_id names the merchant',
    })
    const jwtAudience = new CfnParameter(this, 'JwtAudience', {
      description: 'Audience (aud, or client_id where a token has no aud) that a token must name',
    })
    const webhookAllowedNetworks = new CfnParameter(this, 'WebhookAllowedNetworks', {
      description:
        'Comma-separated CIDR blocks that webhooks may reach although they are not public; for development only',
      default: '',
    })

    const rateLimit = (id: string, preset: number, description: string) =>
      new CfnParameter(this, id, {
        description,
        default: String(preset),
        allowedPattern: '[1-9][0-9]{0,5}',
      }).valueAsString

    const functions = new Functions(this, stage, data, {
      webhookAllowedNetworks: webhookAllowedNetworks.valueAsString,
      rateLimit: {
        perSecond: rateLimit(
          'MerchantRequestsPerSecond',
          stage.rateLimit.perSecond,
          'Requests that one merchant may make each second in the long run',
        ),
        burst: rateLimit(
          'MerchantRequestBurst',
          stage.rateLimit.burst,
          'Requests that one merchant may make at once',
        ),
      },
    })
    const { queues, tables, buckets } = data
    const { concurrency } = stage

    new HttpApi(this, { handler: functions.http, jwtIssuer, jwtAudience })

    consumeQueue(functions.planUpload, queues.uploads, {
      batchSize: 1,
      maximumConcurrency: concurrency.planUpload,
    })
    consumeQueue(functions.importChunk, queues.chunks, {
      batchSize: 1,
      maximumConcurrency: concurrency.importChunk,
    })
    consumeStream(functions.relayOutbox, tables.outbox, buckets.failures)
    consumeQueue(functions.fanOutEvent, queues.events, {
      batchSize: 10,
      maximumConcurrency: concurrency.fanOutEvent,
    })
    // One delivery per invocation: a receiver that hangs holds up nobody else's.
    consumeQueue(functions.deliverWebhook, queues.webhookDeliveries, {
      batchSize: 1,
      maximumConcurrency: concurrency.deliverWebhook,
    })

    const schedules = new Schedules(this, { undelivered: queues.schedulesDlq, failed: queues.runsDlq })
    schedules.every('ExpireOrders', 'rate(1 minute)', functions.expireOrders, Duration.minutes(5))
    schedules.every('SweepOutbox', 'rate(1 minute)', functions.sweepOutbox, Duration.minutes(5))
    schedules.every('ReportSales', 'cron(10 0 * * ? *)', functions.reportSales, Duration.hours(12))
  }
}
