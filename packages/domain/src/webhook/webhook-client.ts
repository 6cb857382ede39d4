import * as z from 'zod/mini'

/** Why there was no answer. Says nothing of addresses or names inside: merchants read it. */
export const DeliveryFailure = z.enum([
  'target_refused',
  'name_not_resolved',
  'connection_failed',
  'connection_reset',
  'tls_failed',
  'timed_out',
  'answer_unreadable',
])
export type DeliveryFailure = z.infer<typeof DeliveryFailure>

export interface WebhookRequest {
  readonly url: string
  /** The `webhook-id`, the same in every attempt: the receiver's protection against doing it twice. */
  readonly id: string
  /** When this attempt is made. */
  readonly at: Date
  readonly body: string
  /** One signature for each; `whsec_` and base64. */
  readonly secrets: readonly string[]
  readonly traceparent?: string
}

export type WebhookAnswer =
  | { readonly status: number; readonly retryAfter?: string }
  | { readonly failure: DeliveryFailure }

/** Sends webhooks. */
export interface WebhookClient {
  /**
   * Makes one request. MUST end within a fixed time, MUST follow no redirect, and MUST reach nothing but targets that are allowed at
   * this moment, whatever the name resolved to before. MUST NOT throw for what receiver or network do.
   */
  post(request: WebhookRequest): Promise<WebhookAnswer>
}
