/** What set a change off: carried from the request through envelope, queue and webhook so that one trace shows all. */
export interface Cause {
  /** The first request's id; the same for everything that followed from it. */
  readonly correlationId: string
  /** W3C Trace Context header of the span that makes the change. */
  readonly traceparent?: string
}
