import { childTraceparent, newTrace, parseTraceparent, parseXrayHeader } from './traceparent.ts'

/** What set the work off, as the domain's use cases take it, with the span of this function's own work. */
export interface TraceContext {
  readonly correlationId: string
  readonly traceparent: string
}

/** What a trigger brought along; everything may be absent, forged or broken. */
export interface TraceSource {
  readonly traceparent?: string | undefined
  /** X-Ray's header of the same request or message. */
  readonly xray?: string | undefined
  readonly correlationId?: string | undefined
  /** The request's or message's own id, for when nobody gave a correlation id. */
  readonly id: string
}

/** Ids, UUIDs, ULIDs, and the base64 of API Gateway's own request ids; nothing that could break out of a log line or a header. */
const correlationIdForm = /^[A-Za-z0-9+/][A-Za-z0-9._:+/=-]{0,127}$/

/** Goes on in the caller's trace, else in X-Ray's, else begins one; a malformed correlation id counts as absent. */
export const traceContext = ({ traceparent, xray, correlationId, id }: TraceSource): TraceContext => ({
  correlationId: correlationId !== undefined && correlationIdForm.test(correlationId) ? correlationId : id,
  traceparent: childTraceparent(parseTraceparent(traceparent) ?? parseXrayHeader(xray) ?? newTrace()),
})

/** The keys that stand in each log line of one request or record. */
export const traceLogKeys = ({ correlationId, traceparent }: TraceContext) => ({
  correlation_id: correlationId,
  trace_id: parseTraceparent(traceparent)?.traceId,
})
