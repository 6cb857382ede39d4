import type { SecretOwner } from '@stockroom/domain/webhook/webhook-secrets'

/** Authenticated with the ciphertext and written to CloudTrail in clear: a secret opens for its own endpoint only. */
export const encryptionContext = ({ merchant, endpointId }: SecretOwner) => ({
  merchant,
  endpoint: endpointId,
})
