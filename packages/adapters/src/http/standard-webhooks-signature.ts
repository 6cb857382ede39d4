import { createHmac } from 'node:crypto'

/**
 * The headers that let a receiver check who sent a body (Standard Webhooks 1.0): one `v1` signature for each secret, so that a receiver
 * may change over from one to the other. @throws TypeError when a secret is not `whsec_` and base64 of 24 to 64 bytes.
 */
export const signatureHeaders = (
  { id, at, body }: { readonly id: string; readonly at: Date; readonly body: string },
  secrets: readonly string[],
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> => {
  const timestamp = String(Math.floor(at.getTime() / 1_000))
  const sign = (secret: string) =>
    `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(sign).join(' '),
  }
}

const keyOf = (secret: string): Buffer => {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1]
  const key = Buffer.from(encoded ?? '', 'base64')
  if (key.length < 24 || key.length > 64) throw new TypeError('A webhook secret is malformed')
  return key
}
