import { CountingIds } from '@stockroom/domain/counting-ids'
import { InMemoryAnswerStore } from '@stockroom/domain/idempotency/in-memory-answer-store'
import { InMemoryOrderRepository } from '@stockroom/domain/order/in-memory-order-repository'
import { InMemorySalesReports } from '@stockroom/domain/report/in-memory-sales-reports'
import { InMemoryWatermarks } from '@stockroom/domain/report/in-memory-watermarks'
import { InMemoryDeliveryFiles } from '@stockroom/domain/upload/in-memory-delivery-files'
import { InMemoryRejectFiles } from '@stockroom/domain/upload/in-memory-reject-files'
import { InMemoryUploadForms } from '@stockroom/domain/upload/in-memory-upload-forms'
import { InMemoryUploadRepository } from '@stockroom/domain/upload/in-memory-upload-repository'
import { InMemorySubjectCursors } from '@stockroom/domain/webhook/in-memory-subject-cursors'
import { InMemoryWebhookDeliveryRepository } from '@stockroom/domain/webhook/in-memory-webhook-delivery-repository'
import { InMemoryWebhookEndpointRepository } from '@stockroom/domain/webhook/in-memory-webhook-endpoint-repository'
import { InMemoryWebhookSecrets } from '@stockroom/domain/webhook/in-memory-webhook-secrets'
import type { Clock } from '@stockroom/local-cloud/clock'
import { InMemoryStream } from '@stockroom/local-cloud/events/in-memory-stream'
import type { Facts, QueueFact } from '@stockroom/ops/audit/facts'
import { InMemoryOutboxStore } from '@stockroom/outbox/in-memory-outbox-store'
import { InMemoryIdempotencyRecords } from './in-memory-idempotency-records.ts'
import { VirtualOutbox } from './virtual-outbox.ts'
import { WatchedProducts } from './watched-products.ts'

/** Everything that the application stores, behind the fakes that its contract suites hold to the real stores. */
export const virtualStores = (clock: Clock, onEnvelope: () => void) => {
  const domainClock = { now: () => new Date(clock.now()) }
  const stream = new InMemoryStream()
  const outbox = new InMemoryOutboxStore()
  const envelopes = new VirtualOutbox({ clock, store: outbox, stream, wake: onEnvelope })
  const [products, answers] = [new WatchedProducts(), new InMemoryAnswerStore(domainClock)]
  return {
    clock: domainClock,
    ids: new CountingIds(),
    stream,
    outbox,
    products,
    answers,
    orders: new InMemoryOrderRepository({ products, answers, outbox: envelopes }),
    uploads: new InMemoryUploadRepository({ products, outbox: envelopes }),
    files: new InMemoryDeliveryFiles(),
    rejectFiles: new InMemoryRejectFiles(),
    forms: new InMemoryUploadForms(),
    endpoints: new InMemoryWebhookEndpointRepository(answers),
    deliveries: new InMemoryWebhookDeliveryRepository((event) => envelopes.push(event)),
    cursors: new InMemorySubjectCursors(),
    secrets: new InMemoryWebhookSecrets(),
    watermarks: new InMemoryWatermarks(),
    reports: new InMemorySalesReports(domainClock),
    idempotency: new InMemoryIdempotencyRecords(),
  }
}
export type VirtualStores = ReturnType<typeof virtualStores>

/** What is stored, as an auditor reads it. */
export const virtualFacts = (
  stores: VirtualStores,
  queues: readonly QueueFact[],
  failures: readonly string[],
): Facts => {
  const { uploads, chunks } = stores.uploads.rows()
  return {
    products: stores.products
      .rows()
      .map(({ merchant, product: { received, available, reserved, sold, sku } }) => ({
        merchant,
        sku,
        received,
        available,
        reserved,
        sold,
      })),
    orders: stores.orders.rows().map((order) => ({
      ...order,
      paid: order.status === 'paid' ? order.payment.amount : undefined,
    })),
    halfDone: stores.orders.unfinished().map(({ merchant, id, kind, reserved }) => ({
      merchant,
      orderId: id,
      what: `${kind} of ${reserved}`,
    })),
    uploads: uploads.map((upload) => ({
      merchant: upload.merchant,
      id: upload.id,
      status: upload.status,
      rowsAccepted: 'rowsAccepted' in upload ? upload.rowsAccepted : 0,
      rowsRejected: 'rowsRejected' in upload ? upload.rowsRejected : 0,
    })),
    chunks,
    envelopes: stores.outbox.rows().map(({ envelope: { tenant, aggregate, events }, published }) => ({
      merchant: tenant,
      aggregate,
      pending: !published,
      events: events.map(({ id, type, sequence, time, data }) => ({
        id,
        type,
        sequence: Number(sequence),
        time: String(time),
        data,
      })),
    })),
    endpoints: stores.endpoints.rows().map(({ merchant, id, url, createdAt, eventTypes }) => ({
      merchant,
      id,
      url,
      createdAt,
      eventTypes,
    })),
    deliveries: stores.deliveries.rows().map(({ merchant, endpointId, eventId, state }) => ({
      merchant,
      endpointId,
      eventId,
      state: state.status,
    })),
    queues,
    failures,
  }
}
