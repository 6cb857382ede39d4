import { createHmac, timingSafeEqual } from 'node:crypto'

/** The headers that every Stockroom webhook carries (Standard Webhooks 1.0). */
export interface WebhookHeaders {
  readonly 'webhook-id'?: string | undefined
  readonly 'webhook-timestamp'?: string | undefined
  readonly 'webhook-signature'?: string | undefined
}

const toleranceSeconds = 5 * 60
/** Standard Webhooks 1.0 asks for 24 to 64 bytes. */
const shortestKeyBytes = 24

/**
 * What a receiver does before it believes a webhook: checks the signature over id, timestamp and the body as it came, in constant time, and that the
 * timestamp is at most five minutes off. `secret` is the `whsec_…` that registering the endpoint returned. Returns the reason when it is not genuine.
 * @throws TypeError for a secret that is none: an empty one, of a setting that is missing say, would make anybody's signature good.
 */
export const verifyWebhook = (
  secret: string,
  headers: WebhookHeaders,
  body: Buffer,
  now: Date = new Date(),
): { readonly genuine: true; readonly id: string } | { readonly genuine: false; readonly reason: string } => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  if (key.length < shortestKeyBytes) throw new TypeError('The webhook secret is malformed')
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (id === undefined || timestamp === undefined || signatures === undefined)
    return { genuine: false, reason: 'a webhook header is missing' }
  if (!/^\d+$/.test(timestamp) || Math.abs(Number(timestamp) - now.getTime() / 1_000) > toleranceSeconds)
    return { genuine: false, reason: 'the timestamp is too far off' }

  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  // Several signatures stand side by side while a secret is rotated; other versions than v1 are not ours to judge.
  const genuine = signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',', 2)
    const given = Buffer.from(value, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
  return genuine ? { genuine, id } : { genuine, reason: 'no signature matches' }
}
