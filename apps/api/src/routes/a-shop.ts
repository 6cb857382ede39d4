import { createHash } from 'node:crypto'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { anOrderDesk } from '@stockroom/domain/order/an-order-desk'
import { makeGetOrder } from '@stockroom/domain/order/get-order'
import { makeGetReport } from '@stockroom/domain/report/get-report'
import { InMemorySalesReports } from '@stockroom/domain/report/in-memory-sales-reports'
import { makeApp } from '../app.ts'
import { makeCursors } from '../cursor.ts'
import { scopes } from '../scope.ts'
import { unlimited } from '../unlimited.ts'
import { orderRoutes } from './orders.ts'
import { productRoutes } from './products.ts'
import { reportRoutes } from './reports.ts'

export const shop = MerchantId.parse('corner-shop')

interface Call {
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, in place of `body`. */
  readonly raw?: string
  /** Idempotency-Key. */
  readonly key?: string
  readonly merchant?: string
  readonly client?: string
}

/** The API of orders, products and reports over a shop in memory. For tests. */
export const aShop = () => {
  const desk = anOrderDesk()
  const reports = new InMemorySalesReports(desk.clock)
  const app = makeApp(
    [...orderRoutes, ...productRoutes, ...reportRoutes],
    {
      placeOrder: desk.place,
      payOrder: desk.pay,
      cancelOrder: desk.cancel,
      getOrder: makeGetOrder(desk),
      getReport: makeGetReport({ reports }),
      orders: desk.orders,
      products: desk.products,
      cursors: makeCursors(async () => createHash('sha256').update('test').digest()),
    },
    {
      limiter: unlimited,
      onFailure: (error) => {
        throw error
      },
    },
  )
  /** Answers a request that passed the authorizer with every scope. */
  const answer = async (request: Request, { merchant = shop, client = 'till-1' }: Call = {}) => {
    const response = await app.fetch(request, {
      routeKey: `${request.method} …`,
      claims: { merchant_id: merchant, client_id: client, scope: Object.keys(scopes).join(' ') },
      cause: { correlationId: 'c-1' },
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
  }
  const call = (method: string, path: string, options: Call = {}) => {
    const { body, key, raw = body === undefined ? undefined : JSON.stringify(body) } = options
    const request = new Request(`https://api.example${path}`, {
      method,
      headers: {
        ...(raw !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(raw !== undefined && { body: raw }),
    })
    return answer(request, options)
  }
  return { ...desk, reports, answer, call }
}
