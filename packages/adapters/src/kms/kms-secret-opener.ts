import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import type { SecretOpener, SecretOwner } from '@stockroom/domain/webhook/webhook-secrets'
import { encryptionContext } from './encryption-context.ts'

/** Secrets that one execution environment remembers. */
const mostRemembered = 1_000

/** Needs the right to decrypt only. Remembers by owner and ciphertext, so that a changed secret is a new one; failures are not remembered. */
export class KmsSecretOpener implements SecretOpener {
  readonly #client: KMSClient
  readonly #keyId: string
  readonly #opened = new Map<string, Promise<string>>()

  constructor(client: KMSClient, keyId: string) {
    this.#client = client
    this.#keyId = keyId
  }

  open(sealed: string, owner: SecretOwner): Promise<string> {
    const name = JSON.stringify([owner.merchant, owner.endpointId, sealed])
    const known = this.#opened.get(name)
    if (known !== undefined) return known
    const [oldest] = this.#opened.keys()
    if (this.#opened.size >= mostRemembered && oldest !== undefined) this.#opened.delete(oldest)
    const opened = this.#decrypt(sealed, owner).catch((error: unknown) => {
      this.#opened.delete(name)
      throw error
    })
    this.#opened.set(name, opened)
    return opened
  }

  async #decrypt(sealed: string, owner: SecretOwner): Promise<string> {
    const { Plaintext } = await this.#client.send(
      new DecryptCommand({
        KeyId: this.#keyId,
        CiphertextBlob: Buffer.from(sealed, 'base64'),
        EncryptionContext: encryptionContext(owner),
      }),
    )
    if (Plaintext === undefined) throw new Error('KMS answered Decrypt without a plaintext')
    return Buffer.from(Plaintext).toString()
  }
}
