import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms'

/**
 * A 32-byte secret that every execution environment derives alike: KMS' HMAC of `purpose` under a key that never leaves KMS. Asked for once,
 * at first use; a failed attempt is not remembered.
 */
export const derivedKey = (
  client: KMSClient,
  keyId: string,
  purpose: string,
): (() => Promise<Uint8Array>) => {
  let key: Promise<Uint8Array> | undefined
  const derive = async (): Promise<Uint8Array> => {
    const { Mac } = await client.send(
      new GenerateMacCommand({ KeyId: keyId, MacAlgorithm: 'HMAC_SHA_256', Message: Buffer.from(purpose) }),
    )
    if (Mac === undefined) throw new Error('KMS answered GenerateMac without a Mac')
    return Mac
  }
  return () => {
    key ??= derive().catch((error: unknown) => {
      key = undefined
      throw error
    })
    return key
  }
}
