/** Every reason for which a command can be refused. The HTTP API maps each to one problem type, exhaustively. */
export type RefusalCode =
  | 'idempotency.key_reused'
  | 'idempotency.in_progress'
  | 'order.not_found'
  | 'order.too_many_lines'
  | 'order.unknown_sku'
  | 'order.mixed_currencies'
  | 'order.total_too_large'
  | 'order.insufficient_stock'
  | 'order.expired_while_reserving'
  | 'order.not_payable'
  | 'order.not_cancellable'
  | 'payment.amount_mismatch'
  | 'product.not_found'
  | 'upload.not_found'
  | 'upload.no_rejects'
  | 'webhook_endpoint.not_found'
  | 'webhook_endpoint.url_refused'
  | 'webhook_endpoint.too_many'
  | 'webhook_delivery.not_found'
  | 'webhook_delivery.not_replayable'
  | 'report.not_found'

/** Why a command had no effect, in words for the caller; `items` names the parts at fault. */
export interface Refusal {
  readonly code: RefusalCode
  readonly detail: string
  readonly items?: readonly { readonly pointer: string; readonly detail: string }[]
}

/** What a command came to: its result, or the reason why nothing happened. Plain JSON, so that it can be stored and replayed. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

export const accepted = <T>(value: T): Outcome<T> => ({ ok: true, value })

export const refused = (
  code: RefusalCode,
  detail: string,
  items?: readonly { readonly pointer: string; readonly detail: string }[],
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: items === undefined ? { code, detail } : { code, detail, items },
})
