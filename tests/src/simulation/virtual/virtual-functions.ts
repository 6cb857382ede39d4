import { makePostponeMessage } from '@stockroom/adapters/sqs/postpone-message'
import { SqsChunkQueue } from '@stockroom/adapters/sqs/sqs-chunk-queue'
import { SqsDeliveryQueue } from '@stockroom/adapters/sqs/sqs-delivery-queue'
import { SqsEventPublisher } from '@stockroom/adapters/sqs/sqs-event-publisher'
import { expireOrdersFunction } from '@stockroom/cron/expire-orders-function'
import { reportSalesFunction } from '@stockroom/cron/report-sales-function'
import { sweepOutboxFunction } from '@stockroom/cron/sweep-outbox-function'
import { makeExpireOrders } from '@stockroom/domain/order/expire-orders'
import { makeReportSales } from '@stockroom/domain/report/report-sales'
import { makeImportChunk } from '@stockroom/domain/upload/import-chunk'
import { makePlanUpload } from '@stockroom/domain/upload/plan-upload'
import { uploadLimits } from '@stockroom/domain/upload/upload-limits'
import { makeDeliverWebhook } from '@stockroom/domain/webhook/deliver-webhook'
import { makeFanOutEvent } from '@stockroom/domain/webhook/fan-out-event'
import type { WebhookAnswer } from '@stockroom/domain/webhook/webhook-client'
import type { InMemoryQueue } from '@stockroom/local-cloud/events/in-memory-queue'
import type { Random } from '@stockroom/ops/demo/random'
import { makeRelay } from '@stockroom/outbox/relay'
import { makeSweep } from '@stockroom/outbox/sweep'
import { relayOutboxFunction } from '@stockroom/stream-consumer/relay-outbox-function'
import { importChunkFunction } from '@stockroom/upload-processor/import-chunk-function'
import { planUploadFunction } from '@stockroom/upload-processor/plan-upload-function'
import { deliverWebhookFunction } from '@stockroom/webhook-sender/deliver-webhook-function'
import { fanOutEventFunction } from '@stockroom/webhook-sender/fan-out-event-function'
import type { DynamoDBRecord } from 'aws-lambda'
import type { ExecutionEnvironment } from './execution-environment.ts'
import { gatedPorts } from './gated-ports.ts'
import { InjectedError } from './injected-error.ts'
import { sqsClientOver, urlOf } from './sqs-client-over.ts'
import { composeApi } from './virtual-api.ts'
import { VirtualFunction, type VirtualFunctionOptions } from './virtual-function.ts'
import type { VirtualInboxes } from './virtual-inboxes.ts'
import type { VirtualStores } from './virtual-stores.ts'

/** Small enough that a file of seven rows has several chunks, and a chunk several parts. */
const limits = { ...uploadLimits, chunkRows: 3, partSkus: 2 }

/** A webhook that gets no answer is no error of the client: the merchant's endpoint did not answer in time. */
const post = async (
  environment: ExecutionEnvironment,
  request: () => Promise<WebhookAnswer>,
): Promise<WebhookAnswer> => {
  try {
    return await environment.call('POST', request, { single: true })
  } catch (error) {
    if (error instanceof InjectedError) return { failure: 'timed_out' }
    throw error
  }
}

/** Queues that functions send to. */
export interface WorkQueues {
  readonly chunks: InMemoryQueue
  readonly events: InMemoryQueue
  readonly deliveries: InMemoryQueue
}

/** Every function of the template with the ports in memory where its handler file has those of AWS; timeouts are those of infra/src/timeouts.ts. */
export const virtualFunctions = (
  stores: VirtualStores,
  { chunks, events, deliveries }: WorkQueues,
  inboxes: VirtualInboxes,
  options: VirtualFunctionOptions & {
    readonly random: Random
    readonly parkRecord: (record: DynamoDBRecord) => void
  },
) => {
  const { ids, clock } = stores
  const fraction = () => options.random.integer(0, 999_999) / 1_000_000
  const deadline = (seconds: number) => () => new Date(clock.now().getTime() + seconds * 1_000)
  return {
    api: new VirtualFunction({ name: 'api', timeoutSeconds: 28, compose: composeApi(stores) }, options),
    planUpload: new VirtualFunction(
      {
        name: 'plan-upload',
        timeoutSeconds: 60,
        compose: (environment) => {
          const ports = gatedPorts(environment, stores)
          const queue = new SqsChunkQueue({
            client: sqsClientOver(environment, [chunks]),
            queueUrl: urlOf(chunks),
          })
          return planUploadFunction(makePlanUpload({ ...ports, queue, limits, ids, clock }))
        },
      },
      options,
    ),
    importChunk: new VirtualFunction(
      {
        name: 'import-chunk',
        timeoutSeconds: 60,
        compose: (environment) =>
          importChunkFunction(makeImportChunk({ ...gatedPorts(environment, stores), ids, clock })),
      },
      options,
    ),
    relayOutbox: new VirtualFunction(
      {
        name: 'relay-outbox',
        timeoutSeconds: 60,
        compose: (environment) => {
          const { outbox: store } = gatedPorts(environment, stores)
          const publisher = new SqsEventPublisher(sqsClientOver(environment, [events]), urlOf(events))
          return relayOutboxFunction({
            relay: makeRelay({ publisher, store }),
            park: (record) => environment.call('PutObject', async () => options.parkRecord(record)),
          })
        },
      },
      options,
    ),
    fanOutEvent: new VirtualFunction(
      {
        name: 'fan-out-event',
        timeoutSeconds: 10,
        compose: (environment) => {
          const queue = new SqsDeliveryQueue(sqsClientOver(environment, [deliveries]), urlOf(deliveries))
          return fanOutEventFunction(makeFanOutEvent({ ...gatedPorts(environment, stores), queue, clock }))
        },
      },
      options,
    ),
    deliverWebhook: new VirtualFunction(
      {
        name: 'deliver-webhook',
        timeoutSeconds: 20,
        compose: (environment) => {
          const deliver = makeDeliverWebhook({
            ...gatedPorts(environment, stores),
            client: { post: (request) => post(environment, () => inboxes.post(request)) },
            clock,
            random: fraction,
          })
          const client = sqsClientOver(environment, [deliveries])
          return deliverWebhookFunction(deliver, makePostponeMessage(client, urlOf(deliveries)))
        },
      },
      options,
    ),
    expireOrders: new VirtualFunction(
      {
        name: 'expire-orders',
        timeoutSeconds: 60,
        compose: (environment) =>
          expireOrdersFunction(
            makeExpireOrders({ ...gatedPorts(environment, stores), ids, clock }),
            deadline(50),
          ),
      },
      options,
    ),
    sweepOutbox: new VirtualFunction(
      {
        name: 'sweep-outbox',
        timeoutSeconds: 60,
        compose: (environment) => {
          const { outbox: store } = gatedPorts(environment, stores)
          const publisher = new SqsEventPublisher(sqsClientOver(environment, [events]), urlOf(events))
          const relay = makeRelay({ publisher, store })
          return sweepOutboxFunction(makeSweep({ store, relay, clock }), deadline(50))
        },
      },
      options,
    ),
    reportSales: new VirtualFunction(
      {
        name: 'report-sales',
        timeoutSeconds: 170,
        compose: (environment) => {
          const ports = gatedPorts(environment, stores)
          const once = stores.idempotency.for(environment, () => clock.now().getTime(), 170_000)
          return reportSalesFunction(
            makeReportSales({ ...ports, paidOrders: ports.orders, clock }),
            once,
            deadline(50),
          )
        },
      },
      options,
    ),
  }
}
