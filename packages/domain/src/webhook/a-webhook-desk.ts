import { CountingIds } from '../counting-ids.ts'
import { StockroomEvent } from '../events/catalogue.ts'
import { attributesOf } from '../events/event.ts'
import { aKeyedRequest } from '../idempotency/a-keyed-request.ts'
import { InMemoryAnswerStore } from '../idempotency/in-memory-answer-store.ts'
import { ManualClock } from '../manual-clock.ts'
import { MerchantId } from '../merchant-id.ts'
import { type DeliveryTurn, makeDeliverWebhook } from './deliver-webhook.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import { makeFanOutEvent } from './fan-out-event.ts'
import { InMemoryDeliveryQueue } from './in-memory-delivery-queue.ts'
import { InMemorySubjectCursors } from './in-memory-subject-cursors.ts'
import { InMemoryWebhookDeliveryRepository } from './in-memory-webhook-delivery-repository.ts'
import { InMemoryWebhookEndpointRepository } from './in-memory-webhook-endpoint-repository.ts'
import { InMemoryWebhookSecrets } from './in-memory-webhook-secrets.ts'
import { makeListDeliveries } from './list-deliveries.ts'
import { makeRegisterEndpoint, type RegisteredEndpoint } from './register-endpoint.ts'
import { makeReplayDelivery } from './replay-delivery.ts'
import type { ReplayRequests } from './replay-requests.ts'
import { makeRotateSecret } from './rotate-secret.ts'
import { ScriptedWebhookClient } from './scripted-webhook-client.ts'
import type { SubjectCursors } from './subject-cursors.ts'
import type { WebhookClient } from './webhook-client.ts'
import type { WebhookDeliveryRepository } from './webhook-delivery-repository.ts'
import type { WebhookEndpointRepository } from './webhook-endpoint-repository.ts'
import type { WebhookReplayRequestedV1 } from './webhook-replay-requested.v1.ts'
import type { SecretOpener } from './webhook-secrets.ts'

/** What fan-out and delivery call; a test may put itself in between. */
export interface WebhookPorts {
  readonly endpoints: WebhookEndpointRepository
  readonly deliveries: WebhookDeliveryRepository
  readonly replays: ReplayRequests
  readonly cursors: SubjectCursors
  readonly queue: DeliveryQueue
  readonly secrets: SecretOpener
  readonly client: WebhookClient
}

const cause = { correlationId: 'c-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }

/** Everything between an event and its receivers, in memory, on a clock that jumps; for tests and simulations. */
export const aWebhookDesk = () => {
  const clock = new ManualClock()
  const ids = new CountingIds()
  const answers = new InMemoryAnswerStore(clock)
  const endpoints = new InMemoryWebhookEndpointRepository(answers)
  const outbox: WebhookReplayRequestedV1[] = []
  const deliveries = new InMemoryWebhookDeliveryRepository((event) => outbox.push(event))
  const queue = new InMemoryDeliveryQueue(clock)
  const secrets = new InMemoryWebhookSecrets()
  const client = new ScriptedWebhookClient()
  const shop = MerchantId.parse('corner-shop')
  let random = 0.5
  let refusal: string | undefined

  const ports: WebhookPorts = {
    endpoints,
    deliveries,
    replays: deliveries,
    cursors: new InMemorySubjectCursors(),
    queue,
    secrets,
    client,
  }
  const targets = { refusal: async () => refusal }
  const register = makeRegisterEndpoint({ registry: endpoints, answers, targets, secrets, ids, clock })
  let keys = 0

  return {
    clock,
    ids,
    shop,
    cause,
    ports,
    endpoints,
    deliveries,
    queue,
    client,
    answers,
    outbox,
    register,
    rotate: makeRotateSecret({ endpoints, registry: endpoints, answers, secrets, clock }),
    replay: makeReplayDelivery({ endpoints, deliveries, replays: deliveries, ids, clock }),
    list: makeListDeliveries({ endpoints, deliveries }),
    fanOut: (body: string, given = ports) => makeFanOutEvent({ ...given, clock })(JSON.parse(body), cause),
    deliver: (given = ports) => makeDeliverWebhook({ ...given, clock, random: () => random }),
    setRandom: (value: number) => {
      random = value
    },
    refuseTargets: (reason: string | undefined) => {
      refusal = reason
    },

    async registered(url = 'https://shop.example/hook', eventTypes?: readonly string[]) {
      keys += 1
      const request = aKeyedRequest(shop, `k${keys}`, { route: 'POST /webhook-endpoints' })
      const { outcome } = await register({ merchant: shop, url, request, ...(eventTypes && { eventTypes }) })
      if (!outcome.ok) throw new Error(outcome.refusal.detail)
      return outcome.value satisfies RegisteredEndpoint
    },

    /** An order's event as it comes from the queue. */
    anEvent(subject: string, version: number, changes: Record<string, unknown> = {}): string {
      const attributes = attributesOf({ ids, clock }, { merchant: shop, subject, version, cause })
      const event = {
        ...attributes,
        type: 'order.cancelled.v1',
        data: { lines: [], cancelledAt: clock.now().toISOString() },
      }
      return JSON.stringify({ ...StockroomEvent.parse(event), ...changes })
    },

    /** Hands out messages and lets the clock jump to the next one until the queue is empty, or `until` (seconds from now). */
    async drain(until = 365 * 86_400, given = ports): Promise<DeliveryTurn[]> {
      const deliver = makeDeliverWebhook({ ...given, clock, random: () => random })
      const end = clock.now().getTime() + until * 1_000
      const turns: DeliveryTurn[] = []
      for (;;) {
        const received = queue.receive()
        if (received !== undefined) {
          const turn = await deliver(received.message, received.cause)
          turns.push(turn)
          if (turn.outcome === 'later') received.postpone(turn.seconds)
          else received.delete()
          continue
        }
        const next = queue.nextAt()?.getTime()
        if (next === undefined || next > end) return turns
        clock.advance((next - clock.now().getTime()) / 1_000)
      }
    },
  }
}
