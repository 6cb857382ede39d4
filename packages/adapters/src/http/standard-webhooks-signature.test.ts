import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { signatureHeaders } from './standard-webhooks-signature.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const other = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
const body = '{"type":"order.placed.v1","data":{"name":"Tee für zwei ☕"}}'
const message = () => ({ id: 'evt_00000000000000000000000001', at: new Date(), body })

describe('a signature', () => {
  test('is the one that Standard Webhooks publishes for its example', () => {
    // The test "sign function works" of its JavaScript library, https://github.com/standard-webhooks/standard-webhooks.
    const headers = signatureHeaders(
      {
        id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        at: new Date(1_614_265_330_000),
        body: '{"test": 2432232314}',
      },
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    )
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  test('is accepted by the verifier that Standard Webhooks publishes', () => {
    expect(new Webhook(secret).verify(body, signatureHeaders(message(), [secret]))).toEqual(JSON.parse(body))
  })

  test('is not accepted with another secret, id, time or body', () => {
    const headers = signatureHeaders(message(), [secret])
    const later = String(Number(headers['webhook-timestamp']) + 1)
    const verify =
      (change: object, key = secret, text = body) =>
      () =>
        new Webhook(key).verify(text, { ...headers, ...change })
    expect(verify({})).not.toThrow()
    expect(verify({}, other)).toThrow()
    expect(verify({ 'webhook-id': 'evt_00000000000000000000000002' })).toThrow()
    expect(verify({ 'webhook-timestamp': later })).toThrow()
    expect(verify({}, secret, body.replace('"type":', '"type": '))).toThrow()
  })

  test('of two secrets is accepted by receivers of either, so that they can change over', () => {
    const headers = signatureHeaders(message(), [other, secret])
    expect(new Webhook(secret).verify(body, headers)).toBeDefined()
    expect(new Webhook(other).verify(body, headers)).toBeDefined()
    expect(headers['webhook-signature'].split(' ')).toHaveLength(2)
  })
})

test.each(['', 'whsec_', 'whsec_c2hvcnQ=', secret.replace('whsec_', ''), `whsec_${'A'.repeat(100)}`])(
  'a malformed secret signs nothing: %s',
  (malformed) => {
    expect(() => signatureHeaders(message(), [malformed])).toThrow('malformed')
  },
)
