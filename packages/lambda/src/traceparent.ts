import { randomBytes } from 'node:crypto'

/** One W3C Trace Context position: which trace, which span, and whether it is recorded. */
export interface TraceParent {
  /** 32 hex digits, not all zero. */
  readonly traceId: string
  /** 16 hex digits, not all zero. */
  readonly spanId: string
  readonly sampled: boolean
}

/** Version, trace id, parent id, flags, and whatever a later version adds. */
const header = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/
/** `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, members in any order. */
const xrayRoot = /(?:^|;)\s*Root=1-([\da-f]{8})-([\da-f]{24})/
const xrayParent = /(?:^|;)\s*Parent=([\da-f]{16})/
const zero = /^0+$/

/** Reads a `traceparent` header as https://www.w3.org/TR/trace-context/ says; undefined when it is absent or invalid. */
export const parseTraceparent = (text: string | undefined): TraceParent | undefined => {
  const [, version, traceId, spanId, flags, later] = header.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  // Version ff is forbidden, and version 00 ends after its flags.
  if (version === 'ff' || (version === '00' && later !== undefined)) return undefined
  if (zero.test(traceId) || zero.test(spanId)) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** Reads an X-Ray header (`X-Amzn-Trace-Id`, `AWSTraceHeader`, `_X_AMZN_TRACE_ID`): its root without dashes is a W3C trace id. */
export const parseXrayHeader = (text: string | undefined): TraceParent | undefined => {
  const [, epoch, unique] = xrayRoot.exec(text ?? '') ?? []
  if (epoch === undefined || unique === undefined || zero.test(epoch + unique)) return undefined
  return {
    traceId: epoch + unique,
    spanId: xrayParent.exec(text ?? '')?.[1] ?? newSpanId(),
    sampled: /(?:^|;)\s*Sampled=1/.test(text ?? ''),
  }
}

/** A position where nothing came before. */
export const newTrace = (): TraceParent => ({
  traceId: randomBytes(16).toString('hex'),
  spanId: newSpanId(),
  sampled: false,
})

/** The header of a new span below `parent`: same trace, own span id. Always version 00, whichever came in. */
export const childTraceparent = ({ traceId, sampled }: TraceParent): string =>
  `00-${traceId}-${newSpanId()}-${sampled ? '01' : '00'}`

const newSpanId = (): string => randomBytes(8).toString('hex')
