import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
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
/** Signed as it stands, so that nothing but the timestamp's form can be wrong. */
const resigned = (timestamp: string) => {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', key).update(`msg_1.${timestamp}.${body}`).digest('base64')
  return signed({ 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` })
}
const asV1a = signed()['webhook-signature']?.replace('v1,', 'v1a,')
const verify = (headers: Parameters<typeof verifyWebhook>[1], text = body, now = at) =>
  verifyWebhook(secret, headers, Buffer.from(text), now)

const constantTime = vi.hoisted(() => ({ compared: 0 }))
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>()
  const timingSafeEqual: typeof crypto.timingSafeEqual = (a, b) => {
    constantTime.compared += 1
    return crypto.timingSafeEqual(a, b)
  }
  return { ...crypto, timingSafeEqual }
})

describe('verifying a webhook', () => {
  it('accepts the example that Standard Webhooks publishes', () => {
    // The test "sign function works" of its JavaScript library, https://github.com/standard-webhooks/standard-webhooks.
    const published = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    }
    const then = new Date(1_614_265_330_000)
    expect(verify(published, body, then)).toEqual({ genuine: true, id: 'msg_p5jXN8AQM9LWM0D4loKWxJek' })
  })

  it('accepts what comes while the clocks are five minutes apart', () => {
    for (const seconds of [-300, 300])
      expect(verify(signed(), body, new Date(at.getTime() + seconds * 1_000)).genuine).toBe(true)
  })

  it('accepts either secret while one follows on the other, and then the new one only', () => {
    const next = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
    const both = `${new Webhook(next).sign('msg_1', at, body)} ${new Webhook(secret).sign('msg_1', at, body)}`
    for (const known of [secret, next])
      expect(verifyWebhook(known, signed({ 'webhook-signature': both }), Buffer.from(body), at).genuine).toBe(
        true,
      )
    expect(verifyWebhook(next, signed(), Buffer.from(body), at).genuine).toBe(false)
  })

  it('compares signatures in constant time', () => {
    constantTime.compared = 0
    verify(signed({ 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` }))
    expect(constantTime.compared).toBe(1)
  })

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'undefined'])('takes no secret like %j', (none) => {
    const forged = { ...signed(), 'webhook-signature': `v1,${createHmac('sha256', '').digest('base64')}` }
    expect(() => verifyWebhook(none, forged, Buffer.from(body), at)).toThrow('malformed')
  })

  it('accepts what the reference implementation signed', () => {
    expect(verify(signed())).toEqual({ genuine: true, id: 'msg_1' })
  })

  it('accepts one good signature among others', () => {
    const good = signed()['webhook-signature']
    for (const garbage of ['v1a,bm8= v1,bm8=', ',', ' ', 'v1', 'v1,', `v2,${good.slice(3)}`, '\u0000 =,='])
      expect(verify(signed({ 'webhook-signature': `${garbage} ${good}` })).genuine, garbage).toBe(true)
  })

  it.each([
    ['another body', signed(), '{"test": 1}', at],
    ['the same JSON written anew', signed(), JSON.stringify(JSON.parse(body)), at],
    ['a body with a byte more', signed(), `${body}\n`, at],
    ['another id', signed({ 'webhook-id': 'msg_2' }), body, at],
    ['a timestamp with letters', signed({ 'webhook-timestamp': `${at.getTime() / 1_000}abc` }), body, at],
    ['a timestamp of "1674087231abc"', resigned('1674087231abc'), body, new Date(1_674_087_231_000)],
    ['a timestamp with a sign', resigned(`+${at.getTime() / 1_000}`), body, at],
    ['a timestamp with a fraction', resigned(`${at.getTime() / 1_000}.5`), body, at],
    ['a timestamp in hexadecimal', resigned(`0x${(at.getTime() / 1_000).toString(16)}`), body, at],
    ['a timestamp in blanks', resigned(` ${at.getTime() / 1_000}`), body, at],
    ['an empty timestamp', resigned(''), body, new Date(0)],
    ['a clock 301 seconds ahead', signed(), body, new Date(at.getTime() + 301_000)],
    ['a clock 301 seconds behind', signed(), body, new Date(at.getTime() - 301_000)],
    ['a clock ten minutes ahead', signed(), body, new Date(at.getTime() + 600_000)],
    ['a clock ten minutes behind', signed(), body, new Date(at.getTime() - 600_000)],
    ['a good signature called v1a', signed({ 'webhook-signature': asV1a }), body, at],
    ['another version only', signed({ 'webhook-signature': 'v1a,bm8=' }), body, at],
    ['no signature', { 'webhook-id': 'msg_1', 'webhook-timestamp': '1' }, body, at],
  ])('refuses %s', (_, headers, text, now) => {
    expect(verify(headers, text, now).genuine).toBe(false)
  })
})
