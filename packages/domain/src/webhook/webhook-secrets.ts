import type { WebhookEndpointId } from '../ids.ts'
import type { MerchantId } from '../merchant-id.ts'

/** Whose secret it is. MUST be bound to the sealed text, so that one endpoint's cannot be opened as another's. */
export interface SecretOwner {
  readonly merchant: MerchantId
  readonly endpointId: WebhookEndpointId
}

/** Makes secrets; whoever holds this cannot open what it sealed. */
export interface SecretMint {
  /** A fresh secret of 32 random bytes, as `whsec_` and base64, and the same sealed. */
  mint(owner: SecretOwner): Promise<{ readonly secret: string; readonly sealed: string }>
}

/** Opens sealed secrets. */
export interface SecretOpener {
  open(sealed: string, owner: SecretOwner): Promise<string>
}
