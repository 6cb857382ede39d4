import type { Refusal, RefusalCode } from '@stockroom/domain/refusal'
import * as z from 'zod/mini'

/** What can be wrong with a request before, or beside, the rules of the shop. */
type TransportCode =
  | 'request.unreadable'
  | 'request.cursor_invalid'
  | 'request.too_large'
  | 'request.unsupported_media_type'
  | 'request.invalid'
  | 'idempotency.key_missing'
  | 'idempotency.key_invalid'
  | 'caller.unauthenticated'
  | 'caller.scope_missing'
  | 'caller.rate_limited'
  | 'route.not_found'
  | 'route.method_not_allowed'
  | 'server.busy'
  | 'server.unanswered'
  | 'server.failed'

export type ProblemCode = RefusalCode | TransportCode

/** Every problem that the API can answer with; a code without a row does not compile. */
export const problems = {
  'request.unreadable': { status: 400, title: 'The request cannot be read' },
  'request.cursor_invalid': { status: 400, title: 'The cursor is not one that this list gave out' },
  'idempotency.key_missing': { status: 400, title: 'The Idempotency-Key header is missing' },
  'idempotency.key_invalid': { status: 400, title: 'The Idempotency-Key header is malformed' },
  'caller.unauthenticated': { status: 401, title: 'The token names no merchant' },
  'caller.scope_missing': { status: 403, title: 'The token lacks a scope' },
  'route.not_found': { status: 404, title: 'There is nothing at this path' },
  'route.method_not_allowed': { status: 405, title: 'The path does not take this method' },
  'request.too_large': { status: 413, title: 'The body is too large' },
  'request.unsupported_media_type': { status: 415, title: 'The body is not JSON' },
  'request.invalid': { status: 422, title: 'The request breaks the schema' },
  'caller.rate_limited': { status: 429, title: 'Too many requests of this merchant' },
  'server.failed': { status: 500, title: 'Something failed on our side' },
  'server.busy': { status: 503, title: 'Too busy; send it again with the same key' },
  'server.unanswered': { status: 503, title: 'No answer in time' },

  'idempotency.key_reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'idempotency.in_progress': { status: 409, title: 'The same request is still running' },
  'order.not_found': { status: 404, title: 'No such order' },
  'order.too_many_lines': { status: 422, title: 'The order has too many lines' },
  'order.unknown_sku': { status: 422, title: 'The order names an unknown sku' },
  'order.mixed_currencies': { status: 422, title: 'The order mixes currencies' },
  'order.total_too_large': { status: 422, title: 'The total is too large' },
  'order.insufficient_stock': { status: 409, title: 'Not enough stock' },
  'order.expired_while_reserving': {
    status: 409,
    title: 'The hold ended before the stock was reserved',
  },
  'order.not_payable': { status: 409, title: 'The order cannot be paid any more' },
  'order.not_cancellable': { status: 409, title: 'The order cannot be cancelled any more' },
  'payment.amount_mismatch': { status: 422, title: 'The payment is not the total of the order' },
  'product.not_found': { status: 404, title: 'No such product' },
  'upload.not_found': { status: 404, title: 'No such upload' },
  'upload.no_rejects': { status: 404, title: 'The upload has no rejected rows' },
  'webhook_endpoint.not_found': { status: 404, title: 'No such webhook endpoint' },
  'webhook_endpoint.url_refused': { status: 422, title: 'Webhooks cannot be sent to this URL' },
  'webhook_endpoint.too_many': { status: 409, title: 'There are too many webhook endpoints' },
  'webhook_delivery.not_found': { status: 404, title: 'No such webhook delivery' },
  'webhook_delivery.not_replayable': { status: 409, title: 'The delivery cannot be replayed now' },
  'report.not_found': { status: 404, title: 'No such report' },
} as const satisfies Record<ProblemCode, { readonly status: number; readonly title: string }>

/** The problem types' URIs; they identify and need not resolve (RFC 9457, 3.1.1). */
const typeBase = 'https://stockroom.example/problems/'

/** RFC 9457 problem details; `code`, `correlationId` and `errors` are Stockroom's extension members. */
export const ProblemDetails = z.strictObject({
  type: z.url(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** The last part of `type`: branch on this. */
  code: z.string(),
  correlationId: z.string(),
  /** The parts at fault: `#/lines/0/sku` points into the body (RFC 6901), `query/limit` and `path/id` at parameters. */
  errors: z.optional(z.array(z.strictObject({ pointer: z.string(), detail: z.string() }))),
})
export type ProblemDetails = z.infer<typeof ProblemDetails>

/** Thrown to answer with a problem; `message` is the caller's `detail`, so it never holds a stack, a table or an ARN. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly errors: ProblemDetails['errors']
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ProblemCode,
    detail: string,
    more: { readonly errors?: Refusal['items']; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail)
    this.code = code
    this.errors = more.errors === undefined ? undefined : [...more.errors]
    this.headers = more.headers ?? {}
  }

  /** The body to answer with. */
  details(correlationId: string): ProblemDetails {
    return {
      type: typeBase + this.code,
      ...problems[this.code],
      detail: this.message,
      code: this.code,
      correlationId,
      ...(this.errors && { errors: this.errors }),
    }
  }
}
