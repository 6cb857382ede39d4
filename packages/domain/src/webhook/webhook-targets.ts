/** Knows which URLs webhooks may be sent to. */
export interface WebhookTargets {
  /** Why `url` is refused, in words for the merchant, or nothing. MUST look up the name: a public name of a private address is refused. */
  refusal(url: string): Promise<string | undefined>
}
