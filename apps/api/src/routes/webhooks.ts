import { eventCatalogue } from '@stockroom/domain/events/catalogue'
import { EventId, WebhookEndpointId } from '@stockroom/domain/ids'
import { refused } from '@stockroom/domain/refusal'
import type { makeListDeliveries } from '@stockroom/domain/webhook/list-deliveries'
import { type makeRegisterEndpoint, RegisteredEndpoint } from '@stockroom/domain/webhook/register-endpoint'
import type { makeReplayDelivery } from '@stockroom/domain/webhook/replay-delivery'
import {
  longestOverlapSeconds,
  type makeRotateSecret,
  RotatedSecret,
} from '@stockroom/domain/webhook/rotate-secret'
import { enabled, mostEndpoints } from '@stockroom/domain/webhook/webhook-endpoint'
import type { WebhookEndpointRegistry } from '@stockroom/domain/webhook/webhook-endpoint-registry'
import type { WebhookEndpointRepository } from '@stockroom/domain/webhook/webhook-endpoint-repository'
import * as z from 'zod/mini'
import type { Cursors } from '../cursor.ts'
import { keyedAnswer } from '../keyed-answer.ts'
import { pageQuery } from '../page-query.ts'
import { Problem } from '../problem.ts'
import { keyedRoute, type Route, route } from '../route.ts'
import { sealedPage } from '../sealed-page.ts'
import {
  DeliveryView,
  EndpointView,
  exampleDelivery,
  exampleEndpoint,
  viewDelivery,
  viewEndpoint,
} from './webhook-view.ts'

export interface WebhookDeps {
  readonly registerEndpoint: ReturnType<typeof makeRegisterEndpoint>
  readonly rotateSecret: ReturnType<typeof makeRotateSecret>
  readonly listDeliveries: ReturnType<typeof makeListDeliveries>
  readonly replayDelivery: ReturnType<typeof makeReplayDelivery>
  readonly webhookEndpoints: Pick<WebhookEndpointRepository, 'list' | 'change'>
  readonly webhookRegistry: Pick<WebhookEndpointRegistry, 'remove'>
  readonly cursors: Cursors
}

const params = z.object({ id: WebhookEndpointId })
const deliveryParams = z.object({ id: WebhookEndpointId, eventId: EventId })
const EventTypeName = z.keyof(z.object(eventCatalogue))
const noEndpoint = refused('webhook_endpoint.not_found', 'There is no such endpoint')

/** Next stop: the use case in packages/domain/src/webhook/register-endpoint.ts. */
const registerEndpoint = keyedRoute({
  method: 'POST',
  path: '/webhook-endpoints',
  operationId: 'registerWebhookEndpoint',
  summary: 'Register a webhook endpoint',
  description: `Events from now on are sent to \`url\` as CloudEvents, signed as Standard Webhooks 1.0 has it with the \`secret\` of this answer, which is shown here only. A merchant has at most ${mostEndpoints} endpoints. A repeat under the same Idempotency-Key shows the secret again for a day: send a random one.`,
  scope: 'webhooks:write',
  input: {
    body: z.strictObject({
      url: z.url().check(z.maxLength(2_048)),
      eventTypes: z.optional(z.array(EventTypeName).check(z.minLength(1), z.maxLength(100))),
    }),
  },
  answers: {
    201: {
      description: 'The endpoint is registered.',
      schema: RegisteredEndpoint,
      example: {
        id: exampleEndpoint.id,
        url: exampleEndpoint.url,
        eventTypes: exampleEndpoint.eventTypes,
        createdAt: exampleEndpoint.createdAt,
        secret: 'whsec_<base64 of 32 bytes>',
      },
      headers: { Location: "The path of the endpoint's deliveries." },
    },
  },
  problems: ['webhook_endpoint.url_refused', 'webhook_endpoint.too_many'],
}).handle(async ({ input, keyed, caller: { merchant } }, deps: WebhookDeps) => {
  const { url, eventTypes } = input.body
  const answered = await deps.registerEndpoint({
    merchant,
    url,
    request: keyed,
    ...(eventTypes !== undefined && { eventTypes }),
  })
  const answer = keyedAnswer(answered, 201, (endpoint) => z.parse(RegisteredEndpoint, endpoint))
  const location = `/webhook-endpoints/${answer.body.id}/deliveries`
  return { ...answer, headers: { ...answer.headers, location } }
})

const listEndpoints = route({
  method: 'GET',
  path: '/webhook-endpoints',
  operationId: 'listWebhookEndpoints',
  summary: 'List webhook endpoints',
  description: 'All of them, oldest first, and how they are.',
  scope: 'webhooks:read',
  input: {},
  answers: {
    200: {
      description: 'The endpoints.',
      schema: z.object({ items: z.array(EndpointView) }),
      example: { items: [exampleEndpoint] },
    },
  },
  problems: [],
}).handle(async ({ caller: { merchant } }, { webhookEndpoints }: WebhookDeps) => {
  const endpoints = await webhookEndpoints.list(merchant)
  return { status: 200, body: { items: endpoints.map(viewEndpoint) } }
})

const enableEndpoint = route({
  method: 'POST',
  path: '/webhook-endpoints/{id}/enable',
  operationId: 'enableWebhookEndpoint',
  summary: 'Enable a webhook endpoint',
  description:
    'Events from now on are sent to it again, at once. What stopped while it was disabled can be replayed.',
  scope: 'webhooks:write',
  input: { params },
  answers: {
    200: { description: 'The endpoint is enabled.', schema: EndpointView, example: exampleEndpoint },
  },
  problems: ['webhook_endpoint.not_found'],
}).handle(async ({ input: { params }, caller: { merchant } }, { webhookEndpoints }: WebhookDeps) => {
  const endpoint = await webhookEndpoints.change(merchant, params.id, () => enabled)
  return endpoint === undefined ? noEndpoint : { status: 200, body: viewEndpoint(endpoint) }
})

/** Next stop: the use case in packages/domain/src/webhook/rotate-secret.ts. */
const rotateSecret = keyedRoute({
  method: 'POST',
  path: '/webhook-endpoints/{id}/secret-rotation',
  operationId: 'rotateWebhookSecret',
  summary: 'Give a webhook endpoint a new secret',
  description:
    'The new secret is shown here only, to a repeat under the same Idempotency-Key for a day. The secrets before it sign beside it for another `overlapSeconds`, a day if not said, so that the receiver can change over without missing a webhook; 0 ends them at once.',
  scope: 'webhooks:write',
  input: {
    params,
    body: z.strictObject({
      overlapSeconds: z.optional(z.int().check(z.minimum(0), z.maximum(longestOverlapSeconds))),
    }),
  },
  answers: {
    200: {
      description: 'The endpoint has a new secret.',
      schema: RotatedSecret,
      example: {
        id: exampleEndpoint.id,
        secret: 'whsec_<base64 of 32 bytes>',
        olderSecretsEndAt: '2026-11-24T09:00:00.000Z',
      },
    },
  },
  problems: ['webhook_endpoint.not_found'],
}).handle(async ({ input: { params, body }, keyed, caller: { merchant } }, deps: WebhookDeps) => {
  const { overlapSeconds } = body
  const answered = await deps.rotateSecret({
    merchant,
    endpointId: params.id,
    request: keyed,
    ...(overlapSeconds !== undefined && { overlapSeconds }),
  })
  return keyedAnswer(answered, 200, (rotated) => z.parse(RotatedSecret, rotated))
})

const deleteEndpoint = route({
  method: 'DELETE',
  path: '/webhook-endpoints/{id}',
  operationId: 'deleteWebhookEndpoint',
  summary: 'Delete a webhook endpoint',
  description: 'Nothing more is sent to it; what is on its way stops, and its deliveries can still be read.',
  scope: 'webhooks:write',
  input: { params },
  answers: { 204: { description: 'The endpoint is deleted.' } },
  problems: ['webhook_endpoint.not_found'],
}).handle(async ({ input: { params }, caller: { merchant } }, { webhookRegistry }: WebhookDeps) =>
  (await webhookRegistry.remove(merchant, params.id)) === 'removed' ? { status: 204 } : noEndpoint,
)

const listDeliveries = route({
  method: 'GET',
  path: '/webhook-endpoints/{id}/deliveries',
  operationId: 'listWebhookDeliveries',
  summary: 'List the deliveries of a webhook endpoint',
  description: 'Newest event first, with their attempts; kept for 60 days.',
  scope: 'webhooks:read',
  input: { params, query: z.strictObject(pageQuery) },
  answers: {
    200: {
      description: 'A page of deliveries.',
      schema: z.object({ items: z.array(DeliveryView), next: z.optional(z.string()) }),
      example: { items: [exampleDelivery] },
    },
  },
  problems: ['webhook_endpoint.not_found'],
}).handle(async ({ input: { params, query }, caller: { merchant } }, deps: WebhookDeps) => {
  const scope = { merchant, list: 'listWebhookDeliveries', filter: params.id }
  const body = await sealedPage(deps.cursors, scope, query, async (request) => {
    const listed = await deps.listDeliveries(merchant, params.id, request)
    if (!listed.ok) throw new Problem(listed.refusal.code, listed.refusal.detail)
    return { ...listed.value, items: listed.value.items.map(viewDelivery) }
  })
  return { status: 200, body }
})

const replayDelivery = route({
  method: 'POST',
  path: '/webhook-endpoints/{id}/deliveries/{eventId}/replay',
  operationId: 'replayWebhookDelivery',
  summary: 'Send an event to a webhook endpoint again',
  description:
    'With the same `webhook-id` and body, whatever came of it before, and apart from the order of other events. Asking again while it is on its way changes nothing.',
  scope: 'webhooks:write',
  input: { params: deliveryParams },
  answers: {
    202: {
      description: 'The delivery is on its way.',
      schema: DeliveryView,
      example: {
        eventId: exampleDelivery.eventId,
        eventType: exampleDelivery.eventType,
        subject: exampleDelivery.subject,
        createdAt: exampleDelivery.createdAt,
        status: 'pending',
        nextAttemptAt: '2026-11-23T10:00:00.000Z',
        replays: 1,
        attempts: exampleDelivery.attempts,
      },
    },
  },
  problems: ['webhook_endpoint.not_found', 'webhook_delivery.not_found', 'webhook_delivery.not_replayable'],
}).handle(async ({ input: { params }, caller: { merchant }, cause }, { replayDelivery }: WebhookDeps) => {
  const { id: endpointId, eventId } = params
  const replay = await replayDelivery({ merchant, endpointId, eventId, cause })
  return replay.ok ? { status: 202, body: viewDelivery(replay.value) } : replay
})

export const webhookRoutes = [
  registerEndpoint,
  listEndpoints,
  enableEndpoint,
  rotateSecret,
  deleteEndpoint,
  listDeliveries,
  replayDelivery,
] satisfies readonly Route<WebhookDeps>[]
