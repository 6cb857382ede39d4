import { isDeepStrictEqual } from 'node:util'
import type { ApiAnswer, ApiClient } from '../api-client.ts'
import { expectAnswer, PlacedOrder, Problem } from './answers.ts'
import type { GeneratedOrder } from './generate-shop.ts'

/** What became of the orders of a demo. */
export interface OrderCounts {
  placed: number
  refused: number
  paid: number
  cancelled: number
  left: number
  repeated: number
}

export const noOrders = (): OrderCounts => ({
  placed: 0,
  refused: 0,
  paid: 0,
  cancelled: 0,
  left: 0,
  repeated: 0,
})

/** Orders that nobody will pay are held for a second only, so that the clock can expire them while we watch. */
const shortHoldSeconds = 1

/**
 * Does what one shopper does and counts it. A repeated request must get the same answer and have no effect of its own; where it does not,
 * the difference is returned as a breach.
 */
export const shopOneOrder = async (
  api: ApiClient,
  order: GeneratedOrder,
  counts: OrderCounts,
): Promise<readonly string[]> => {
  const place = {
    method: 'POST',
    path: '/orders',
    body: { lines: order.lines, ...(order.intent === 'forget' ? { holdSeconds: shortHoldSeconds } : {}) },
    idempotencyKey: crypto.randomUUID(),
  } as const
  // A repeated order is sent twice at once: one of the two takes effect, whichever comes first.
  const [answer, again] = await Promise.all([api(place), order.repeated ? api(place) : undefined])
  const breaches = again === undefined ? [] : differences(answer, again)
  if (again !== undefined) counts.repeated += 1
  if (answer.status === 409 && expectAnswer(answer, 409, Problem).code === 'order.insufficient_stock') {
    counts.refused += 1
    return breaches
  }
  const { id, total } = expectAnswer(answer, 201, PlacedOrder)
  counts.placed += 1
  switch (order.intent) {
    case 'pay':
      await settle(api, `/orders/${id}/payment`, { ...total, reference: `card-${id.slice(-6)}` })
      counts.paid += 1
      break
    case 'cancel':
      await settle(api, `/orders/${id}/cancellation`, {})
      counts.cancelled += 1
      break
    case 'forget':
      counts.left += 1
      break
    default:
      order.intent satisfies never
  }
  return breaches
}

const settle = async (api: ApiClient, path: string, body: unknown): Promise<void> => {
  const answer = await api({ method: 'POST', path, body, idempotencyKey: crypto.randomUUID() })
  if (answer.status !== 200)
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
}

const differences = (one: ApiAnswer, other: ApiAnswer): string[] =>
  one.status === other.status &&
  isDeepStrictEqual(withoutCorrelation(one.body), withoutCorrelation(other.body))
    ? []
    : [
        `a repeated request got ${one.status} ${JSON.stringify(one.body)} and ${other.status} ${JSON.stringify(other.body)}`,
      ]

/** A problem names the request that it answers, so two answers differ in that and in nothing else. */
const withoutCorrelation = (body: unknown): unknown =>
  typeof body === 'object' && body !== null ? { ...body, correlationId: undefined } : body
