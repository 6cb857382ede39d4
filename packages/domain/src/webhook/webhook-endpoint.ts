import * as z from 'zod/mini'
import { WebhookEndpointId } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'
import { Circuit } from './circuit.ts'

/**
 * Where a merchant wants events sent. Its secrets are sealed: whoever reads this cannot sign with it. The newest comes first; the older
 * ones sign beside it while receivers change over, until `olderSecretsEndAt`.
 */
export const WebhookEndpoint = z.object({
  id: WebhookEndpointId,
  merchant: MerchantId,
  url: z.url(),
  /** Absent: every type, also those still to come. */
  eventTypes: z.optional(z.array(z.string()).check(z.minLength(1))),
  sealedSecrets: z.array(z.string()).check(z.minLength(1)),
  olderSecretsEndAt: z.exactOptional(z.iso.datetime()),
  createdAt: z.iso.datetime(),
  /** Counts its changes; the condition of the next one. */
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

/** More would make a request's header long and hide from a merchant which one is in use: of four the oldest goes at once. */
const mostSecrets = 3

/** The sealed secrets that a request made now is signed with, newest first. */
export const signingSecrets = (
  { sealedSecrets, olderSecretsEndAt }: Pick<WebhookEndpoint, 'sealedSecrets' | 'olderSecretsEndAt'>,
  now: Date,
): readonly string[] =>
  olderSecretsEndAt !== undefined && Date.parse(olderSecretsEndAt) > now.getTime()
    ? sealedSecrets
    : sealedSecrets.slice(0, 1)

/** The endpoint with a new secret; those that sign now go on for `overlapSeconds`, and with 0 are forgotten. */
export const withNewSecret = (
  endpoint: WebhookEndpoint,
  sealed: string,
  { now, overlapSeconds }: { readonly now: Date; readonly overlapSeconds: number },
): WebhookEndpoint & { readonly olderSecretsEndAt: string } => ({
  ...endpoint,
  sealedSecrets: [sealed, ...(overlapSeconds > 0 ? signingSecrets(endpoint, now) : [])].slice(0, mostSecrets),
  olderSecretsEndAt: new Date(now.getTime() + overlapSeconds * 1_000).toISOString(),
  revision: endpoint.revision + 1,
})
