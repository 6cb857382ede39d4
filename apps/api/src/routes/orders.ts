import { OrderId } from '@stockroom/domain/ids'
import { Money } from '@stockroom/domain/money'
import type { makeCancelOrder } from '@stockroom/domain/order/cancel-order'
import type { makeGetOrder } from '@stockroom/domain/order/get-order'
import { maxSkusAtOnce } from '@stockroom/domain/order/long-order'
import { maxSkusPerOrder } from '@stockroom/domain/order/merge-lines'
import { OrderStatus } from '@stockroom/domain/order/order'
import type { OrderRepository } from '@stockroom/domain/order/order-repository'
import { OrderSummary } from '@stockroom/domain/order/order-summary'
import type { makePayOrder } from '@stockroom/domain/order/pay-order'
import type { makePlaceOrder } from '@stockroom/domain/order/place-order'
import { Quantity, Sku } from '@stockroom/domain/sku'
import * as z from 'zod/mini'
import type { Cursors } from '../cursor.ts'
import { keyedAnswer } from '../keyed-answer.ts'
import { pageQuery } from '../page-query.ts'
import { keyedRoute, type Route, route } from '../route.ts'
import { sealedPage } from '../sealed-page.ts'
import { exampleOrder, OrderView, viewOrder } from './order-view.ts'

export interface OrderDeps {
  readonly placeOrder: ReturnType<typeof makePlaceOrder>
  readonly payOrder: ReturnType<typeof makePayOrder>
  readonly cancelOrder: ReturnType<typeof makeCancelOrder>
  readonly getOrder: ReturnType<typeof makeGetOrder>
  readonly orders: Pick<OrderRepository, 'page'>
  readonly cursors: Cursors
}

const params = z.object({ id: OrderId })
/** The shop's own number. Printable: it goes out with events, and not every store and queue keeps a control character or half a surrogate pair. */
const Reference = z.string().check(z.regex(/^\P{C}{1,100}$/u))

/** Next stop: the use case in packages/domain/src/order/place-order.ts. */
const placeOrder = keyedRoute({
  method: 'POST',
  path: '/orders',
  operationId: 'placeOrder',
  summary: 'Place an order',
  description: `Reserves the stock of all lines or of none, at the prices of the shop. Lines of one sku are summed. Without payment it expires after \`holdSeconds\`. An order of more than ${maxSkusAtOnce} skus is reserved in steps and appears when all of it is; when its answer is lost, or a 503, the same request under the same key goes on with it.`,
  scope: 'orders:write',
  input: {
    body: z.strictObject({
      lines: z
        .array(z.strictObject({ sku: Sku, quantity: Quantity }))
        .check(z.minLength(1), z.maxLength(maxSkusPerOrder)),
      holdSeconds: z.optional(z.int().check(z.minimum(1), z.maximum(900))),
      reference: z.optional(Reference),
    }),
  },
  answers: {
    201: {
      description: 'The stock is reserved.',
      schema: OrderView,
      example: exampleOrder,
      headers: { Location: 'The path of the order.' },
    },
  },
  problems: [
    'order.unknown_sku',
    'order.mixed_currencies',
    'order.total_too_large',
    'order.insufficient_stock',
    'order.expired_while_reserving',
  ],
}).handle(async ({ input, keyed, cause }, deps: OrderDeps) => {
  const { lines, holdSeconds, reference } = input.body
  const answered = await deps.placeOrder({
    request: keyed,
    cause,
    lines,
    ...(holdSeconds !== undefined && { holdSeconds }),
    ...(reference !== undefined && { reference }),
  })
  const answer = keyedAnswer(answered, 201, viewOrder)
  return { ...answer, headers: { ...answer.headers, location: `/orders/${answer.body.id}` } }
})

const payOrder = keyedRoute({
  method: 'POST',
  path: '/orders/{id}/payment',
  operationId: 'payOrder',
  summary: 'Pay an order',
  description: 'Records a payment of the whole total; the reserved stock is sold.',
  scope: 'orders:write',
  input: {
    params,
    body: z.strictObject({ ...Money.shape, reference: Reference }),
  },
  answers: { 200: { description: 'The order is paid.', schema: OrderView } },
  problems: ['order.not_found', 'order.not_payable', 'payment.amount_mismatch'],
}).handle(async ({ input: { params, body }, keyed, cause }, deps: OrderDeps) => {
  const { amount, currency, reference } = body
  const payment = { amount: { amount, currency }, reference }
  return keyedAnswer(await deps.payOrder({ request: keyed, cause, id: params.id, payment }), 200, viewOrder)
})

const cancelOrder = keyedRoute({
  method: 'POST',
  path: '/orders/{id}/cancellation',
  operationId: 'cancelOrder',
  summary: 'Cancel an order',
  description: 'Gives up an order that is not paid; its stock is available again.',
  scope: 'orders:write',
  input: { params },
  answers: { 200: { description: 'The order is cancelled.', schema: OrderView } },
  problems: ['order.not_found', 'order.not_cancellable'],
}).handle(async ({ input: { params }, keyed, cause }, deps: OrderDeps) =>
  keyedAnswer(await deps.cancelOrder({ request: keyed, cause, id: params.id }), 200, viewOrder),
)

const getOrder = route({
  method: 'GET',
  path: '/orders/{id}',
  operationId: 'getOrder',
  summary: 'Read an order',
  scope: 'orders:read',
  input: { params },
  answers: { 200: { description: 'The order.', schema: OrderView, example: exampleOrder } },
  problems: ['order.not_found'],
}).handle(async ({ input: { params }, caller }, deps: OrderDeps) => {
  const found = await deps.getOrder(caller.merchant, params.id)
  return found.ok ? { status: 200, body: viewOrder(found.value) } : found
})

const listOrders = route({
  method: 'GET',
  path: '/orders',
  operationId: 'listOrders',
  summary: 'List orders',
  description: 'Newest first. May be a moment behind.',
  scope: 'orders:read',
  input: { query: z.strictObject({ ...pageQuery, status: z.optional(OrderStatus) }) },
  answers: {
    200: {
      description: 'A page of orders.',
      schema: z.object({ items: z.array(OrderSummary), next: z.optional(z.string()) }),
    },
  },
  problems: [],
}).handle(async ({ input: { query }, caller: { merchant } }, { orders, cursors }: OrderDeps) => {
  const { status } = query
  const scope = { merchant, list: 'listOrders', filter: status }
  const body = await sealedPage(cursors, scope, query, (page) =>
    orders.page(merchant, status === undefined ? page : { ...page, status }),
  )
  return { status: 200, body }
})

export const orderRoutes = [
  placeOrder,
  listOrders,
  getOrder,
  payOrder,
  cancelOrder,
] satisfies readonly Route<OrderDeps>[]
