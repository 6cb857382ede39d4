import { describe, expect, it } from 'vitest'
import type { Inbox } from '../webhook/inbox.ts'
import { audit, isClean } from './audit.ts'
import { balancedBooks, balancedInbox } from './balanced-books.ts'
import type { Facts } from './facts.ts'
import { printAudit } from './print-audit.ts'

const breachesIn = (change: Partial<Facts>, inbox: Partial<Inbox> = {}) => {
  const checks = audit(
    { ...balancedBooks, ...change },
    new Map([['http://127.0.0.1/acme', { ...balancedInbox, ...inbox }]]),
  )
  return Object.fromEntries(
    checks.filter(({ breaches }) => breaches.length > 0).map(({ promise, breaches }) => [promise, breaches]),
  )
}
const first = <T>([item]: readonly T[]): T => {
  if (item === undefined) throw new RangeError('the balanced books have one')
  return item
}
const mug = first(balancedBooks.products)
const order = first(balancedBooks.orders)
const upload = first(balancedBooks.uploads)
const endpoint = first(balancedBooks.endpoints)

describe('the audit', () => {
  it('finds nothing in balanced books', () => {
    expect(breachesIn({})).toEqual({})
    expect(isClean(audit(balancedBooks))).toBe(true)
  })

  it.each<[string, string, Partial<Facts>]>([
    ['a unit out of nowhere', 'stock is conserved', { products: [{ ...mug, available: 9 }] }],
    ['a negative figure', 'stock is conserved', { products: [{ ...mug, available: 9, reserved: -1 }] }],
    ['a sale without stock', 'stock matches the orders', { products: [{ ...mug, available: 10, sold: 0 }] }],
    [
      'stock reserved for nobody',
      'stock matches the orders',
      { products: [{ ...mug, available: 7, reserved: 1 }] },
    ],
    [
      'an order that is half reserved',
      'nothing is half done',
      { halfDone: [{ merchant: 'acme', orderId: 'ord_9', what: 'reservation' }] },
    ],
    ['an order of an unknown sku', 'stock matches the orders', { products: [] }],
    [
      'a delivery counted twice',
      'stock matches the deliveries',
      { products: [{ ...mug, received: 20, available: 18 }] },
    ],
    [
      'a total that is not its lines',
      'money balances',
      { orders: [{ ...order, total: { amount: 499, currency: 'EUR' } }] },
    ],
    ['a part payment', 'money balances', { orders: [{ ...order, paid: { amount: 1, currency: 'EUR' } }] }],
    ['a paid order without payment', 'money balances', { orders: [{ ...order, paid: undefined }] }],
    ['a lost row', 'every row is accounted for', { uploads: [{ ...upload, rowsAccepted: 4 }] }],
    [
      'an upload that got stuck',
      'every row is accounted for',
      { uploads: [{ ...upload, status: 'importing' }] },
    ],
    [
      'a change without event',
      'every change left as one event',
      { envelopes: balancedBooks.envelopes.slice(0, 2) },
    ],
    ['events of an order that is not there', 'every change left as one event', { orders: [] }],
    [
      'an unpublished envelope',
      'every event was published',
      { envelopes: balancedBooks.envelopes.map((envelope) => ({ ...envelope, pending: true })) },
    ],
    ['a missing delivery', 'every event was delivered', { deliveries: balancedBooks.deliveries.slice(1) }],
    [
      'a delivery that was given up',
      'every event was delivered',
      { deliveries: balancedBooks.deliveries.map((delivery) => ({ ...delivery, state: 'exhausted' })) },
    ],
    [
      'a message in flight',
      'queues are empty',
      { queues: [{ name: 'q', deadLetters: false, visible: 0, inFlight: 1 }] },
    ],
    [
      'a dead letter',
      'nothing was given up',
      { queues: [{ name: 'q-dlq', deadLetters: true, visible: 1, inFlight: 0 }] },
    ],
    ['a parked stream record', 'nothing was given up', { failures: ['aws/lambda/x'] }],
  ])('finds %s', (_, promise, change) => {
    expect(Object.keys(breachesIn(change))).toContain(promise)
  })

  it.each<[string, Partial<Inbox>]>([
    ['an event that never arrived', { events: [] }],
    ['disorder', { disorder: ['ord_1: 2 after 0'] }],
    ['a forged webhook', { refused: ['no signature matches'] }],
    [
      "another merchant's event",
      { events: balancedInbox.events.map((event) => ({ ...event, merchant: 'globex' })) },
    ],
  ])('finds %s at a receiver', (_, inbox) => {
    expect(Object.keys(breachesIn({}, inbox))).toEqual(['receivers saw all, in order'])
  })

  it('does not expect events from before an endpoint was registered', () => {
    expect(
      breachesIn({ endpoints: [{ ...endpoint, createdAt: '2026-01-02T00:00:00.000Z' }], deliveries: [] }),
    ).toEqual({})
  })

  it('allows repeats, which the id is for', () => {
    expect(
      breachesIn({}, { events: balancedInbox.events.map((event) => ({ ...event, arrivals: 3 })) }),
    ).toEqual({})
  })

  it('prints what broke', () => {
    const text = printAudit(audit({ ...balancedBooks, products: [{ ...mug, available: 9 }] }))
    expect(text).toContain(
      'BREACH: stock is conserved\n  acme/MUG: received 10, available 9, reserved 0, sold 2',
    )
    expect(text).toContain('do NOT balance')
    expect(printAudit(audit(balancedBooks))).toContain('The books balance.')
  })
})
