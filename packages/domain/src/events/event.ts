import * as z from 'zod/mini'
import type { Cause } from '../cause.ts'
import type { Clock } from '../clock.ts'
import { EventId, type Ids } from '../ids.ts'
import { MerchantId } from '../merchant-id.ts'

const attributes = {
  specversion: z.literal('1.0'),
  id: EventId,
  /** `/merchants/<merchant>`. */
  source: z.string(),
  /** The aggregate that changed, such as `ord_01H…`. */
  subject: z.string(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  /** CloudEvents `sequence` extension: the aggregate's version, counted from 1 without gaps, padded to sort as text. */
  sequence: z.string().check(z.regex(/^\d{10}$/)),
  merchant: MerchantId,
  correlationid: z.string(),
  /** CloudEvents distributed tracing extension. */
  traceparent: z.optional(z.string()),
}

/** Declares one version of one event: its CloudEvents type and the schema of its data. Unknown members are kept out on write and dropped on read. */
export const event = <const T extends string, D extends z.core.$ZodType>(type: T, data: D) =>
  z.object({ ...attributes, type: z.literal(type), data })

/** The sequence attribute of an aggregate's version. */
export const sequenceOf = (version: number): string => String(version).padStart(10, '0')

/** Dependencies of whoever records an event. */
export interface EventSource {
  readonly ids: Ids
  readonly clock: Clock
}

/** The CloudEvents attributes of a change that brings `subject` to `version`. */
export const attributesOf = (
  { ids, clock }: EventSource,
  change: { merchant: MerchantId; subject: string; version: number; cause: Cause },
) => ({
  specversion: '1.0' as const,
  id: ids.next('evt'),
  source: `/merchants/${change.merchant}`,
  subject: change.subject,
  time: clock.now().toISOString(),
  datacontenttype: 'application/json' as const,
  sequence: sequenceOf(change.version),
  merchant: change.merchant,
  correlationid: change.cause.correlationId,
  ...(change.cause.traceparent === undefined ? {} : { traceparent: change.cause.traceparent }),
})
