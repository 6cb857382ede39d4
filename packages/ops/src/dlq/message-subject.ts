import { readDeliveryFileKey } from '@stockroom/adapters/s3/upload-object-keys'
import * as z from 'zod/mini'
import type { DeadLetter, LetterSubject } from './dead-letter.ts'

/** What tells one kind of message from another; everything else is payload. */
const Notification = z.object({
  Records: z.array(
    z.object({ eventName: z.string(), s3: z.object({ object: z.object({ key: z.string() }) }) }),
  ),
})
const Event = z.object({
  type: z.string(),
  merchant: z.optional(z.string()),
  correlationid: z.optional(z.string()),
  traceparent: z.optional(z.string()),
})
const Chunk = z.object({ merchant: z.string(), uploadId: z.string(), chunk: z.int() })
const Delivery = z.object({ merchant: z.string(), endpointId: z.string(), eventId: z.string() })

/** The value of a JSON text; undefined when it is none. */
export const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The trace id within a `traceparent` or an X-Ray header. */
export const traceIdOf = (header: string | undefined): string | undefined => {
  const [, w3c] = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(header ?? '') ?? []
  const [, epoch, rest] = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/.exec(header ?? '') ?? []
  return w3c ?? (epoch === undefined ? undefined : `${epoch}${rest}`)
}

/** S3 writes keys as forms do: `+` for a space (S3 guide, "notification-content-structure"). Undefined when it is no such text. */
const merchantOfKey = (key: string): string | undefined => {
  try {
    return readDeliveryFileKey(decodeURIComponent(key.replaceAll('+', ' ')))?.merchant
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

const typesAndMerchants = (body: unknown): Pick<LetterSubject, 'types' | 'merchants'> => {
  const event = Event.safeParse(body)
  if (event.success)
    return {
      types: [event.data.type],
      merchants: event.data.merchant === undefined ? [] : [event.data.merchant],
    }
  const notification = Notification.safeParse(body)
  if (notification.success) {
    const { Records } = notification.data
    return {
      types: [...new Set(Records.map(({ eventName }) => eventName))],
      merchants: [...new Set(Records.flatMap(({ s3 }) => merchantOfKey(s3.object.key) ?? []))],
    }
  }
  const chunk = Chunk.safeParse(body)
  if (chunk.success) return { types: ['chunk'], merchants: [chunk.data.merchant] }
  const delivery = Delivery.safeParse(body)
  if (delivery.success) return { types: ['delivery'], merchants: [delivery.data.merchant] }
  return { types: ['unreadable'], merchants: [] }
}

/** What a message of a working queue is about. */
export const messageSubject = ({
  body,
  attributes,
  system,
}: Pick<DeadLetter, 'body' | 'attributes' | 'system'>): LetterSubject => {
  const value = parsedJson(body)
  const event = Event.safeParse(value).data
  return {
    ...typesAndMerchants(value),
    correlationId: attributes.correlationId?.StringValue ?? event?.correlationid,
    traceId:
      traceIdOf(attributes.traceparent?.StringValue) ??
      traceIdOf(event?.traceparent) ??
      traceIdOf(system.AWSTraceHeader),
  }
}
