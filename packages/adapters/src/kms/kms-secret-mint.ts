import { randomBytes } from 'node:crypto'
import { EncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import type { SecretMint, SecretOwner } from '@stockroom/domain/webhook/webhook-secrets'
import { encryptionContext } from './encryption-context.ts'

/** Needs the right to encrypt only. */
export class KmsSecretMint implements SecretMint {
  readonly #client: KMSClient
  readonly #keyId: string

  constructor(client: KMSClient, keyId: string) {
    this.#client = client
    this.#keyId = keyId
  }

  async mint(owner: SecretOwner): Promise<{ readonly secret: string; readonly sealed: string }> {
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    const { CiphertextBlob } = await this.#client.send(
      new EncryptCommand({
        KeyId: this.#keyId,
        Plaintext: Buffer.from(secret),
        EncryptionContext: encryptionContext(owner),
      }),
    )
    if (CiphertextBlob === undefined) throw new Error('KMS answered Encrypt without a ciphertext')
    return { secret, sealed: Buffer.from(CiphertextBlob).toString('base64') }
  }
}
