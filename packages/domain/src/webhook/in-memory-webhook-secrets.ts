import type { SecretMint, SecretOpener, SecretOwner } from './webhook-secrets.ts'

/** Counts instead of drawing lots, and seals by naming the owner; for tests and simulations only. */
export class InMemoryWebhookSecrets implements SecretMint, SecretOpener {
  #last = 0

  async mint({ merchant, endpointId }: SecretOwner): Promise<{ secret: string; sealed: string }> {
    this.#last += 1
    const secret = `whsec_${btoa(String(this.#last).padStart(32, '0'))}`
    return { secret, sealed: JSON.stringify([merchant, endpointId, secret]) }
  }

  async open(sealed: string, { merchant, endpointId }: SecretOwner): Promise<string> {
    const [ofMerchant, ofEndpoint, secret] = JSON.parse(sealed)
    if (ofMerchant !== merchant || ofEndpoint !== endpointId)
      throw new Error('This secret was sealed for another endpoint')
    return secret
  }
}
