import * as z from 'zod/mini'
import { WebhookEndpointId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { Circuit } from './circuit.ts'

/**
 * Where a merchant wants events sent. Its secrets are sealed: whoever reads this cannot sign with it. The newest secret comes first;
 * a second one is for the time in which a receiver changes over.
 */
export const WebhookEndpoint = z.object({
  id: WebhookEndpointId,
  merchant: MerchantId,
  url: z.url(),
  /** Absent: every type, also those still to come. */
  eventTypes: z.optional(z.array(z.string()).check(z.minLength(1))),
  sealedSecrets: z.array(z.string()).check(z.minLength(1)),
  createdAt: z.iso.datetime(),
  /** Counts the changes of its state; the condition of the next one. */
  revision: z.int().check(z.minimum(1)),
  state: z.discriminatedUnion('status', [
    z.object({ status: z.literal('enabled'), circuit: Circuit }),
    z.object({
      status: z.literal('disabled'),
      /** `gone`: it answered 410. `failing`: it has failed for three days without one success. */
      reason: z.enum(['gone', 'failing']),
      disabledAt: z.iso.datetime(),
    }),
  ]),
})
export type WebhookEndpoint = z.infer<typeof WebhookEndpoint>
export type EndpointState = WebhookEndpoint['state']

export const mostEndpoints = 20

export const isSubscribed = (endpoint: WebhookEndpoint, type: string): boolean =>
  endpoint.state.status === 'enabled' && (endpoint.eventTypes?.includes(type) ?? true)

/** Also after it was disabled: with a clean record. */
export const enabled: EndpointState = { status: 'enabled', circuit: { status: 'closed' } }

export const disabled = (reason: 'gone' | 'failing', now: Date): EndpointState => ({
  status: 'disabled',
  reason,
  disabledAt: now.toISOString(),
})
