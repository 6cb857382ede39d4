import type { ObjectEvent } from './object-event.ts'

/** What S3's records say about the bucket that sends them. */
export interface NotifyingBucket {
  readonly name: string
  readonly arn: string
  readonly region: string
  readonly ownerId: string
}

/**
 * S3 encodes keys in its messages as a form does: UTF-8 percent encoding with spaces as `+`, slashes kept. Readers decode with
 * `decodeURIComponent(key.replaceAll('+', ' '))`.
 */
export const encodeNotificationKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')

/** The message body of one change: event message structure 2.1 with one record. */
export const s3EventMessage = (
  event: ObjectEvent,
  bucket: NotifyingBucket,
  configurationId: string,
): string =>
  JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: bucket.region,
        eventTime: new Date(event.at).toISOString(),
        eventName: event.name,
        userIdentity: { principalId: event.principalId },
        requestParameters: { sourceIPAddress: event.sourceIp },
        responseElements: { 'x-amz-request-id': event.requestId, 'x-amz-id-2': event.requestId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: {
            name: bucket.name,
            ownerIdentity: { principalId: bucket.ownerId },
            arn: bucket.arn,
          },
          object: {
            key: encodeNotificationKey(event.key),
            ...(event.size !== undefined && { size: event.size }),
            ...(event.eTag !== undefined && { eTag: event.eTag }),
            ...(event.versionId !== undefined && { versionId: event.versionId }),
            sequencer: event.sequencer,
          },
        },
      },
    ],
  })

/** What S3 sends once to a destination when a notification is configured; it has no `Records`. */
export const s3TestMessage = (bucket: NotifyingBucket, at: number, requestId: string): string =>
  JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(at).toISOString(),
    Bucket: bucket.name,
    RequestId: requestId,
    HostId: requestId,
  })
