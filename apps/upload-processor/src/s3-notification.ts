import * as z from 'zod/mini'

/** What S3 puts in a queue (S3 guide, "notification-content-structure"), or sends once when the notification is configured. */
export const S3Notification = z.union([
  z.object({
    Records: z.array(
      z.object({ eventName: z.string(), s3: z.object({ object: z.object({ key: z.string() }) }) }),
    ),
  }),
  z.object({ Event: z.literal('s3:TestEvent') }),
])
type S3Notification = z.infer<typeof S3Notification>

/** The keys of new objects as they are stored. S3 encodes them as HTML forms do, `+` for a space; decoded once, for a key may hold `%20` itself. */
export const createdKeys = (notification: S3Notification): string[] =>
  'Event' in notification
    ? []
    : notification.Records.filter(({ eventName }) => eventName.startsWith('ObjectCreated:')).map(({ s3 }) =>
        decodeURIComponent(s3.object.key.replaceAll('+', ' ')),
      )
