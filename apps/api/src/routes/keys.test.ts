import { MerchantId } from '@stockroom/domain/merchant-id'
import { describe, expect, test } from 'vitest'
import { aShop, shop } from './a-shop.ts'

const other = MerchantId.parse('other-shop')
const line = { sku: 'tea', quantity: 1 }

/** Two shops with ten of tea each; how many of shop's are reserved tells how many orders there are. */
const twoShops = () => {
  const { receive, call, figures, clock } = aShop()
  for (const merchant of [shop, other]) receive(merchant, 'tea', 10)
  const orders = async () => (await figures(shop, 'tea'))?.[1]
  return { call, clock, orders }
}

describe('one key', () => {
  test('of two merchants, two clients and two routes is four keys', async () => {
    const { call } = twoShops()
    const key = 'k'
    const body = { lines: [line] }
    const ours = await call('POST', '/orders', { key, body })
    const answers = [
      ours,
      await call('POST', '/orders', { key, body, merchant: other }),
      await call('POST', '/orders', { key, body, client: 'till-2' }),
      await call('POST', `/orders/${ours.body.id}/cancellation`, { key }),
    ]
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 200])
    expect(new Set(answers.slice(0, 3).map(({ body }) => body.id)).size).toBe(3)
  })

  test.each([
    ['another quantity', { lines: [{ ...line, quantity: 2 }] }],
    ['another member', { lines: [line], reference: 'R-1' }],
    ['the same lines in another order', { lines: [{ sku: 'pot', quantity: 1 }, line] }],
  ])('with %s is refused, and has no effect', async (_, body) => {
    const { call, orders } = twoShops()
    await call('POST', '/orders', { key: 'k', body: { lines: [line] } })
    const reused = await call('POST', '/orders', { key: 'k', body })
    expect([reused.status, reused.body.code]).toEqual([422, 'idempotency.key_reused'])
    expect(await orders()).toBe(1)
  })

  test.each([
    ['members in another order', '{"reference":"R","lines":[{"quantity":1,"sku":"tea"}]}'],
    ['white space', ' { "lines" : [ { "sku" : "tea" , "quantity" : 1 } ] ,\n"reference" : "R" } '],
    ['1.0 for 1', '{"lines":[{"sku":"tea","quantity":1.0}],"reference":"R"}'],
    ['1e0 for 1', '{"lines":[{"sku":"tea","quantity":1e0}],"reference":"R"}'],
    ['escaped characters', '{"lines":[{"sku":"t\\u0065a","quantity":1}],"reference":"\\u0052"}'],
    [
      'a member given twice, of which the last counts',
      '{"lines":[],"lines":[{"sku":"tea","quantity":1}],"reference":"R"}',
    ],
  ])('and one meaning written with %s is a repeat', async (_, raw) => {
    const { call, orders } = twoShops()
    const body = { lines: [line], reference: 'R' }
    const first = await call('POST', '/orders', { key: 'k', body })
    const repeat = await call('POST', '/orders', { key: 'k', raw })
    expect([repeat.status, repeat.text, repeat.headers.get('idempotency-replayed')]).toEqual([
      201,
      first.text,
      'true',
    ])
    expect(await orders()).toBe(1)
  })
})

describe('an answer', () => {
  test('is replayed long after the token of its transaction is forgotten, until the end of its day', async () => {
    const { call, clock, orders } = twoShops()
    const place = () => call('POST', '/orders', { key: 'k', body: { lines: [line], holdSeconds: 900 } })
    const first = await place()
    for (const seconds of [11 * 60, 24 * 3_600 - 11 * 60 - 1]) {
      clock.advance(seconds)
      const repeat = await place()
      expect([repeat.text, repeat.headers.get('idempotency-replayed')]).toEqual([first.text, 'true'])
    }
    expect(await orders()).toBe(1)
  })

  test('is over after its day: the key is a new request, and the books still balance', async () => {
    const { call, clock, orders } = twoShops()
    const place = () => call('POST', '/orders', { key: 'k', body: { lines: [line] } })
    const first = await place()
    clock.advance(24 * 3_600)
    const second = await place()
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([201, null])
    expect(second.body.id).not.toBe(first.body.id)
    expect(await orders()).toBe(2)
    expect((await call('GET', '/products/tea')).body).toMatchObject({
      received: 10,
      available: 8,
      reserved: 2,
    })
  })
})

test.each([undefined, '', '""', 'k'.repeat(256), 'k\u00e9y', '__proto__', 'one, two', 'one,one'])(
  'the key %j is refused, and nothing is stored',
  async (key) => {
    const { call, orders } = twoShops()
    const refused = await call('POST', '/orders', {
      body: { lines: [line] },
      ...(key !== undefined && { key }),
    })
    expect([refused.status, refused.body.code]).toEqual([
      400,
      key === undefined ? 'idempotency.key_missing' : 'idempotency.key_invalid',
    ])
    expect(await orders()).toBe(0)
  },
)
