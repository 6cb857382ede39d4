import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { verifyWebhook } from './verify-webhook.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = '{"test": 2432232314}'
const at = new Date('2021-07-14T12:00:00Z')
const signed = (changes: Partial<Record<string, string>> = {}) => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(at.getTime() / 1_000),
  'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  ...changes,
})
const verify = (headers: Parameters<typeof verifyWebhook>[1], text = body, now = at) =>
  verifyWebhook(secret, headers, Buffer.from(text), now)

describe('verifying a webhook', () => {
  it('accepts what the reference implementation signed', () => {
    expect(verify(signed())).toEqual({ genuine: true, id: 'msg_1' })
  })

  it('accepts one good signature among others', () => {
    const good = signed()['webhook-signature']
    expect(verify(signed({ 'webhook-signature': `v1a,bm8= v1,bm8= ${good}` })).genuine).toBe(true)
  })

  it.each([
    ['another body', signed(), '{"test": 1}', at],
    ['another id', signed({ 'webhook-id': 'msg_2' }), body, at],
    ['a timestamp with letters', signed({ 'webhook-timestamp': `${at.getTime() / 1_000}abc` }), body, at],
    ['an old timestamp', signed(), body, new Date(at.getTime() + 301_000)],
    ['a timestamp from the future', signed(), body, new Date(at.getTime() - 301_000)],
    ['another version only', signed({ 'webhook-signature': 'v1a,bm8=' }), body, at],
    ['no signature', { 'webhook-id': 'msg_1', 'webhook-timestamp': '1' }, body, at],
  ])('refuses %s', (_, headers, text, now) => {
    expect(verify(headers, text, now).genuine).toBe(false)
  })
})
