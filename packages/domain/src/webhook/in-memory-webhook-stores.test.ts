import { InMemoryAnswerStore } from '../idempotency/in-memory-answer-store.ts'
import { ManualClock } from '../manual-clock.ts'
import { MerchantId } from '../merchant-id.ts'
import { InMemorySubjectCursors } from './in-memory-subject-cursors.ts'
import { InMemoryWebhookDeliveryRepository } from './in-memory-webhook-delivery-repository.ts'
import { InMemoryWebhookEndpointRepository } from './in-memory-webhook-endpoint-repository.ts'
import { subjectCursorsContract } from './subject-cursors-contract.ts'
import { webhookDeliveryRepositoryContract } from './webhook-delivery-repository-contract.ts'
import { webhookEndpointRepositoryContract } from './webhook-endpoint-repository-contract.ts'
import type { WebhookReplayRequestedV1 } from './webhook-replay-requested.v1.ts'

let merchants = 0
const merchant = () => MerchantId.parse(`m-${++merchants}`)

const answers = new InMemoryAnswerStore(new ManualClock())
const endpoints = new InMemoryWebhookEndpointRepository(answers)
webhookEndpointRepositoryContract(
  'InMemoryWebhookEndpointRepository',
  () => ({ endpoints, registry: endpoints, answers }),
  merchant,
)

const outbox: WebhookReplayRequestedV1[] = []
const deliveries = new InMemoryWebhookDeliveryRepository((event) => outbox.push(event))
const events = async (shop: MerchantId, subject: string) =>
  outbox.filter((event) => event.merchant === shop && event.subject === subject)
webhookDeliveryRepositoryContract(
  'InMemoryWebhookDeliveryRepository',
  () => ({ deliveries, replays: deliveries, events }),
  merchant,
)

const cursors = new InMemorySubjectCursors()
subjectCursorsContract('InMemorySubjectCursors', () => cursors, merchant)
