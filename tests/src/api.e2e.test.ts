import { randomUUID } from 'node:crypto'
import { uploadDelivery } from '@stockroom/ops/demo/upload-delivery'
import { type LocalStage, startLocalStage } from '@stockroom/ops/local/local-stage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessMatrix } from './api/access-matrix.suite.ts'
import { type Api, anApi, type Call, keyed } from './api/an-api.ts'
import { canaries } from './api/canaries.suite.ts'
import { lostAnswers } from './api/lost-answers.suite.ts'
import { merchantsRate } from './api/merchants-rate.suite.ts'

/** What a caller can do wrong, tried over HTTP on the local cloud: gateway, authorizer, roles, engines and the real bundle. */
let local: LocalStage
let api: Api
const logged: string[] = []

beforeAll(async () => {
  local = await startLocalStage({ rateLimit: { perSecond: 100, burst: 200 } })
  local.cloud.logs.subscribe(({ text }) => logged.push(text))
  api = await anApi(local)
  await uploadDelivery(local.target.api('acme'), {
    filename: 'first.csv',
    csv: 'sku,name,quantity,unit_price\nMUG,Mug,100,2.50\nCUP,Cup,5,1.00\n',
    currency: 'EUR',
  })
})
afterAll(() => local.close())

const call = (...request: Parameters<Api['call']>) => api.call(...request)
const place = (lines: unknown, options: Call = {}) => api.place(lines, options)
const mug = (quantity: unknown = 1) => [{ sku: 'MUG', quantity }]

describe('who calls', () => {
  it.each([
    ['no token', async () => ''],
    ['a token that has expired', () => api.issue({ expiresInSeconds: -60 })],
    ['a token for somebody else', () => api.issue({ audience: 'another-api' })],
    ['no JWT at all', async () => 'nonsense'],
    [
      'an unsigned token',
      async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${api.tokens.acme.split('.')[1]}.`,
    ],
    [
      'a changed token',
      async () => api.tokens.acme.replace(/\.(.)/, (_, first: string) => `.${first === 'e' ? 'f' : 'e'}`),
    ],
  ])('is refused with %s', async (_, token) => {
    const { status, body } = await call('GET', '/orders', { token: await token() })
    expect({ status, body }).toEqual({ status: 401, body: { message: 'Unauthorized' } })
  })

  it('is refused without the scope of the route', async () => {
    expect((await place(mug(), { token: api.tokens.reader })).status).toBe(403)
    expect((await call('GET', '/orders', { token: api.tokens.reader })).status).toBe(200)
  })

  it('is refused when the token names no merchant, or none that could be one', async () => {
    for (const merchant of ['', 'ACME', 'acme#PRODUCT', '../globex']) {
      const { status, body } = await call('GET', '/orders', { token: await api.issue({ merchant }) })
      expect([merchant, status, body.code]).toEqual([merchant, 401, 'caller.unauthenticated'])
    }
  })
})

describe("another merchant's data", () => {
  it('is not there: by id, in lists, under the same key, or to settle', async () => {
    const key = randomUUID()
    const ours = await place(mug(), { headers: keyed(key) })
    expect(ours.status).toBe(201)
    const theirs = { token: api.tokens.globex }
    for (const [method, path] of [
      ['GET', `/orders/${ours.body.id}`],
      ['POST', `/orders/${ours.body.id}/payment`],
      ['POST', `/orders/${ours.body.id}/cancellation`],
    ] as const) {
      const body = path.endsWith('payment') ? { amount: 250, currency: 'EUR', reference: 'x' } : {}
      const answer = await call(method, path, {
        ...theirs,
        ...(method === 'POST' ? { headers: keyed(), body } : {}),
      })
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'order.not_found'])
    }
    expect((await call('GET', '/orders', theirs)).body.items).toEqual([])
    expect((await call('GET', '/products', theirs)).body.items).toEqual([])
    expect((await call('GET', '/products/MUG', theirs)).status).toBe(404)
    const same = await place(mug(), { ...theirs, headers: keyed(key) })
    expect([same.status, same.body.code]).toEqual([422, 'order.unknown_sku'])
    expect((await call('GET', `/orders/${ours.body.id}`)).body.status).toBe('placed')
  })

  it('cannot be reached with a cursor of another list, or one that was changed', async () => {
    await place(mug())
    await place(mug())
    const { body } = await call('GET', '/orders?limit=1')
    expect(body.next).toBeTypeOf('string')
    const cursor = encodeURIComponent(body.next)
    expect((await call('GET', `/orders?limit=1&cursor=${cursor}`)).status).toBe(200)
    for (const [path, options] of [
      [`/orders?limit=1&cursor=${cursor}`, { token: api.tokens.globex }],
      [`/orders?limit=1&status=placed&cursor=${cursor}`, {}],
      [`/products?limit=1&cursor=${cursor}`, {}],
      [`/orders?limit=1&cursor=A${cursor}`, {}],
      ['/orders?cursor=nonsense', {}],
    ] as const) {
      const answer = await call('GET', path, options)
      expect([path, answer.status, answer.body.code]).toEqual([path, 400, 'request.cursor_invalid'])
    }
  })
})

describe('a request that is wrong', () => {
  it.each<[string, number, string, () => ReturnType<typeof call>]>([
    [
      'malformed JSON',
      400,
      'request.unreadable',
      () => call('POST', '/orders', { headers: keyed(), raw: '{"lines": [' }),
    ],
    [
      'no JSON',
      415,
      'request.unsupported_media_type',
      () => call('POST', '/orders', { headers: { ...keyed(), 'content-type': 'text/plain' }, raw: 'x' }),
    ],
    [
      'more than a body may hold',
      413,
      'request.too_large',
      () => call('POST', '/orders', { headers: keyed(), raw: `"${'x'.repeat(1_100_000)}"` }),
    ],
    ['quantity 0', 422, 'request.invalid', () => place(mug(0))],
    ['quantity -1', 422, 'request.invalid', () => place(mug(-1))],
    ['quantity 1.5', 422, 'request.invalid', () => place(mug(1.5))],
    ['quantity "5"', 422, 'request.invalid', () => place(mug('5'))],
    ['quantity 1e21', 422, 'request.invalid', () => place(mug(1e21))],
    ['no quantity', 422, 'request.invalid', () => place(mug(null))],
    ['no lines', 422, 'request.invalid', () => place([])],
    [
      'a member that is not the caller’s to set',
      422,
      'request.invalid',
      () => call('POST', '/orders', { headers: keyed(), body: { lines: mug(), total: 1 } }),
    ],
    ['an unknown sku', 422, 'order.unknown_sku', () => place([{ sku: 'NONE', quantity: 1 }])],
    ['more than there is', 409, 'order.insufficient_stock', () => place([{ sku: 'CUP', quantity: 6 }])],
    [
      'more lines than an order takes',
      422,
      'request.invalid',
      () => place(Array.from({ length: 2_001 }, (_, n) => ({ sku: `S${n}`, quantity: 1 }))),
    ],
    ['no Idempotency-Key', 400, 'idempotency.key_missing', () => place(mug(), { headers: {} })],
    [
      'an empty Idempotency-Key',
      400,
      'idempotency.key_invalid',
      () => place(mug(), { headers: { 'idempotency-key': '""' } }),
    ],
    [
      'an Idempotency-Key of 256 characters',
      400,
      'idempotency.key_invalid',
      () => place(mug(), { headers: keyed('k'.repeat(256)) }),
    ],
    ['an unknown path', 404, 'route.not_found', () => call('GET', '/nothing')],
    ['a trailing slash', 404, 'route.not_found', () => call('GET', '/orders/')],
    [
      'a method that the path does not take',
      405,
      'route.method_not_allowed',
      () => call('DELETE', '/orders'),
    ],
    [
      'an order that is none',
      404,
      'order.not_found',
      () => call('GET', '/orders/ord_01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    ],
    ['a status that is none', 422, 'request.invalid', () => call('GET', '/orders?status=lost')],
  ])('%s is answered with %i %s', async (_, status, code, request) => {
    const answer = await request()
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.type).toBe('application/problem+json')
    expect(answer.body).toMatchObject({
      status,
      title: expect.any(String),
      detail: expect.any(String),
      type: expect.stringContaining(code),
    })
    expect(JSON.stringify(answer.body)).not.toMatch(/arn:|Stockroom-dev|node_modules|at .*\.js/)
  })

  it('is told which field is wrong, and why', async () => {
    const { body } = await place([{ sku: 'MUG', quantity: 0 }])
    expect(body.errors).toEqual([{ pointer: '#/lines/0/quantity', detail: expect.stringMatching(/1/) }])
  })

  it('is told what it may do instead at a 405', async () => {
    expect((await call('DELETE', '/orders')).headers.get('allow')?.split(', ').toSorted()).toEqual([
      'GET',
      'POST',
    ])
  })
})

describe('a request that comes twice', () => {
  it('has one effect and one answer, at once or later', async () => {
    const before = (await call('GET', '/products/MUG')).body.reserved
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 8 }, () => place(mug(), { headers: keyed(key) })))
    const later = await place(mug(), { headers: keyed(key) })
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') !== 'true')).toHaveLength(1)
    expect([later.status, later.body]).toEqual([201, answers[0]?.body])
    expect(later.headers.get('idempotency-replayed')).toBe('true')
    expect((await call('GET', '/products/MUG')).body.reserved).toBe(before + 1)
  })

  it('is refused when the body differs, whatever the order of its members', async () => {
    const key = randomUUID()
    await call('POST', '/orders', { headers: keyed(key), body: { lines: mug(), reference: 'a' } })
    const reordered = await call('POST', '/orders', {
      headers: keyed(key),
      raw: `{"reference":"a", "lines":[{"quantity":1,"sku":"MUG"}]}`,
    })
    expect(reordered.status).toBe(201)
    const other = await place(mug(2), { headers: keyed(key) })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.key_reused'])
  })

  it('gets a stored refusal again although there is stock by then', async () => {
    const key = randomUUID()
    const ask = () =>
      place(
        [
          { sku: 'LATE', quantity: 1 },
          { sku: 'CUP', quantity: 6 },
        ],
        { headers: keyed(key) },
      )
    expect((await ask()).status).toBe(422)
    const refusedFor: string = randomUUID()
    const tooMany = () => place([{ sku: 'CUP', quantity: 6 }], { headers: keyed(refusedFor) })
    expect((await tooMany()).body.code).toBe('order.insufficient_stock')
    await uploadDelivery(local.target.api('acme'), {
      filename: 'more.csv',
      csv: 'sku,name,quantity,unit_price\nCUP,Cup,5,1.00\n',
      currency: 'EUR',
    })
    const again = await tooMany()
    expect([again.status, again.body.code, again.headers.get('idempotency-replayed')]).toEqual([
      409,
      'order.insufficient_stock',
      'true',
    ])
  })
})

describe('settling an order', () => {
  it('happens once, whoever comes first', async () => {
    const { body: order } = await place(mug())
    const settle = [
      ...Array.from({ length: 4 }, () =>
        call('POST', `/orders/${order.id}/payment`, {
          headers: keyed(),
          body: { ...order.total, reference: 'card' },
        }),
      ),
      ...Array.from({ length: 4 }, () =>
        call('POST', `/orders/${order.id}/cancellation`, { headers: keyed(), body: {} }),
      ),
    ]
    const answers = await Promise.all(settle)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7)
  })

  it('takes the total and no other amount', async () => {
    const { body: order } = await place(mug())
    const short = await call('POST', `/orders/${order.id}/payment`, {
      headers: keyed(),
      body: { amount: 1, currency: 'EUR', reference: 'card' },
    })
    expect([short.status, short.body.code]).toEqual([422, 'payment.amount_mismatch'])
  })
})

describe('an uploaded file', () => {
  it('with a missing column is refused as a whole, and says which', async () => {
    const api = local.target.api('acme')
    const { id, status } = await uploadDelivery(api, {
      filename: 'bad.csv',
      csv: 'sku,name,quantity\nMUG,Mug,1\n',
      currency: 'EUR',
    })
    expect(status).toBe('refused')
    const { body } = await call('GET', `/uploads/${id}`)
    expect(JSON.stringify(body)).toContain('unit_price')
  })

  it('with bad rows names line, column and reason of each in a file of its own', async () => {
    const api = local.target.api('acme')
    const csv =
      'sku,name,quantity,unit_price\nMUG,"Mug\nof two lines",1,2.50\nCUP,Cup,zero,1.00\nCUP,Cup,1,one\n'
    const { id, status, rowsAccepted, rowsRejected } = await uploadDelivery(api, {
      filename: 'some.csv',
      csv,
      currency: 'EUR',
    })
    expect([status, rowsAccepted, rowsRejected]).toEqual(['imported_with_rejects', 1, 2])
    const { body } = await call('GET', `/uploads/${id}/rejects`)
    const rejects = await (await fetch(body.url)).text()
    expect(rejects).toMatch(/^4,quantity,/m)
    expect(rejects).toMatch(/^5,unit_price,/m)
  })
})

describe('a webhook endpoint', () => {
  it.each([
    'http://example.com/',
    'https://10.0.0.1/',
    'https://[::ffff:a00:1]/',
    'https://169.254.169.254/latest',
    'ftp://example.com/',
    'https://u:p@10.0.0.1/',
  ])('cannot be %s', async (url) => {
    const { status } = await call('POST', '/webhook-endpoints', { headers: keyed(), body: { url } })
    expect(status).toBe(422)
  })
})

accessMatrix(() => api)
lostAnswers(() => api)
merchantsRate(() => api)
canaries(
  () => api,
  () => logged,
)
