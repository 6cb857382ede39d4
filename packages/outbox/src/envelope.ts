import * as z from 'zod/mini'

/** The attributes of a CloudEvent that the outbox itself needs; everything else passes through untouched. */
export const CloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().check(z.minLength(1)),
  type: z.string().check(z.minLength(1)),
  subject: z.string().check(z.minLength(1)),
  /** CloudEvents `sequence` extension: the aggregate's version, ten digits. */
  sequence: z.string().check(z.regex(/^\d{10}$/)),
  traceparent: z.optional(z.string()),
})
export type CloudEvent = z.infer<typeof CloudEvent>

/**
 * All events of one change of one aggregate, written in the transaction of that change. One envelope and not one row per
 * event: the stream gives no order to the rows of one transaction.
 */
export const Envelope = z.object({
  tenant: z.string().check(z.minLength(1)),
  aggregate: z.string().check(z.minLength(1)),
  /** The aggregate's version after the change: the sequence of the last event. */
  seq: z.int().check(z.minimum(1)),
  events: z.array(CloudEvent).check(z.minLength(1)),
  /** ISO 8601; by the writer's clock, so only good for age, never for order. */
  createdAt: z.iso.datetime(),
})
export type Envelope = z.infer<typeof Envelope>

/** Puts the events of one change into their envelope. Their sequences must run without a gap. @throws RangeError otherwise. */
export const seal = (
  tenant: string,
  events: readonly [CloudEvent, ...CloudEvent[]],
  createdAt: Date,
): Envelope => {
  const [first] = events
  events.forEach((event, index) => {
    if (event.subject !== first.subject)
      throw new RangeError(`one envelope, one aggregate: ${first.subject}, ${event.subject}`)
    if (Number(event.sequence) !== Number(first.sequence) + index)
      throw new RangeError(`sequence ${event.sequence} of ${event.subject} does not follow`)
  })
  return {
    tenant,
    aggregate: first.subject,
    seq: Number(first.sequence) + events.length - 1,
    events: [...events],
    createdAt: createdAt.toISOString(),
  }
}
