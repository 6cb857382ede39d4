import type { Inbox } from '../webhook/inbox.ts'
import type { EventFact, Facts } from './facts.ts'

const price = { amount: 250, currency: 'EUR' }
const event = (id: string, type: string, sequence: number, data: unknown = {}): EventFact => ({
  id,
  type,
  sequence,
  time: '2026-01-01T10:00:00.000Z',
  data,
})
const placed = event('evt_2', 'order.placed.v1', 1)
const paid = event('evt_3', 'order.paid.v1', 2)
const received = event('evt_1', 'stock.received.v1', 1, { items: [{ sku: 'MUG', quantity: 10 }] })

/** Small books in which every promise holds: ten mugs received, two of them sold. Tests change one thing. */
export const balancedBooks: Facts = {
  products: [{ merchant: 'acme', sku: 'MUG', received: 10, available: 8, reserved: 0, sold: 2 }],
  orders: [
    {
      merchant: 'acme',
      id: 'ord_1',
      status: 'paid',
      version: 2,
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: price }],
      total: { amount: 500, currency: 'EUR' },
      paid: { amount: 500, currency: 'EUR' },
    },
  ],
  halfDone: [],
  uploads: [
    { merchant: 'acme', id: 'upl_1', status: 'imported_with_rejects', rowsAccepted: 3, rowsRejected: 1 },
  ],
  chunks: [
    { uploadId: 'upl_1', rowsAccepted: 2, rowsRejected: 0 },
    { uploadId: 'upl_1', rowsAccepted: 1, rowsRejected: 1 },
  ],
  envelopes: [
    { merchant: 'acme', aggregate: 'upl_1/00001/00001', pending: false, events: [received] },
    { merchant: 'acme', aggregate: 'ord_1', pending: false, events: [placed] },
    { merchant: 'acme', aggregate: 'ord_1', pending: false, events: [paid] },
  ],
  endpoints: [
    {
      merchant: 'acme',
      id: 'whk_1',
      url: 'http://127.0.0.1/acme',
      createdAt: '2026-01-01T09:00:00.000Z',
      eventTypes: ['order.placed.v1', 'order.paid.v1'],
    },
  ],
  deliveries: ['evt_2', 'evt_3'].map((eventId) => ({
    merchant: 'acme',
    endpointId: 'whk_1',
    eventId,
    state: 'delivered',
  })),
  queues: [
    { name: 'events.fifo', deadLetters: false, visible: 0, inFlight: 0 },
    { name: 'events-dlq.fifo', deadLetters: true, visible: 0, inFlight: 0 },
  ],
  failures: [],
}

/** The receiver that belongs to the balanced books. */
export const balancedInbox: Inbox = {
  events: [placed, paid].map(({ id, type, sequence }) => ({
    id,
    type,
    sequence,
    subject: 'ord_1',
    merchant: 'acme',
    arrivals: 1,
  })),
  refused: [],
  disorder: [],
  turnedAway: 0,
}
