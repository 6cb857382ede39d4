import type { Bucket, CorsRule } from '../s3/bucket.ts'
import { PropertyReader } from './property-reader.ts'
import { describeResource, type ResolvedResource } from './resolved-resource.ts'

/** Which changes of a bucket's objects go to which queue. Other destinations are not known. */
export interface BucketNotification {
  /** `s3:ObjectCreated:*` */
  readonly events: readonly string[]
  readonly prefix?: string
  readonly suffix?: string
  readonly queueArn: string
}

export interface BucketResource {
  readonly logicalId: string
  readonly bucket: Bucket
  readonly notifications: readonly BucketNotification[]
}

/** Properties of buckets that are accepted without effect. */
export const bucketNotEmulated = {
  BucketEncryption: 'objects lie unencrypted in the data directory',
  LifecycleConfiguration: 'objects stay until they are deleted',
  OwnershipControls: 'there is one account',
  PublicAccessBlockConfiguration: 'every request needs a signature; access control lists are not known',
  IntelligentTieringConfigurations: 'no billing',
  LoggingConfiguration: 'no access logs; the call recorder has every call',
  MetricsConfigurations: 'no CloudWatch',
  Tags: 'no effect',
} as const

/** Reads `AWS::S3::Bucket`. */
export const parseBucket = (resource: ResolvedResource): BucketResource => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  properties.accept(bucketNotEmulated)
  properties.raw('BucketName')
  const versioning = properties.optionalObject('VersioningConfiguration')
  const cors = properties.optionalObject('CorsConfiguration')
  const notification = properties.optionalObject('NotificationConfiguration')

  const result: BucketResource = {
    logicalId: resource.logicalId,
    bucket: {
      name: resource.physicalName,
      versioning: versioning?.choice('Status', ['Enabled', 'Suspended']) === 'Enabled',
      cors: cors?.objects('CorsRules').map(corsRule) ?? [],
    },
    notifications: notification?.objects('QueueConfigurations').map(declared) ?? [],
  }
  properties.end()
  return result
}

const corsRule = (reader: PropertyReader): CorsRule => {
  const maxAge = reader.optionalNumber('MaxAge')
  reader.raw('Id')
  return {
    allowedOrigins: reader.strings('AllowedOrigins'),
    allowedMethods: reader.strings('AllowedMethods'),
    allowedHeaders: reader.strings('AllowedHeaders'),
    exposedHeaders: reader.strings('ExposedHeaders'),
    ...(maxAge !== undefined && { maxAge }),
  }
}

const declared = (reader: PropertyReader): BucketNotification => ({
  events: [reader.string('Event')],
  ...filter(reader, reader.optionalObject('Filter')?.object('S3Key').objects('Rules') ?? []),
  queueArn: reader.string('Queue'),
})

/**
 * Reads `Custom::S3BucketNotifications`: CDK sets notifications after the bucket is made, through a function that calls
 * PutBucketNotificationConfiguration; its property is that request. The function itself is not run.
 */
export const parseBucketNotifications = (
  resource: ResolvedResource,
): { readonly bucketName: string; readonly notifications: readonly BucketNotification[] } => {
  const properties = new PropertyReader(describeResource(resource), resource.properties)
  for (const name of ['ServiceToken', 'Managed', 'SkipDestinationValidation']) properties.raw(name)
  const result = {
    bucketName: properties.string('BucketName'),
    notifications: properties
      .object('NotificationConfiguration')
      .objects('QueueConfigurations')
      .map(requested),
  }
  properties.end()
  return result
}

const requested = (reader: PropertyReader): BucketNotification => {
  reader.raw('Id')
  return {
    events: reader.strings('Events'),
    ...filter(reader, reader.optionalObject('Filter')?.object('Key').objects('FilterRules') ?? []),
    queueArn: reader.string('QueueArn'),
  }
}

const filter = (
  owner: PropertyReader,
  rules: readonly PropertyReader[],
): { prefix?: string; suffix?: string } => {
  const result: { prefix?: string; suffix?: string } = {}
  for (const rule of rules) {
    const name = rule.string('Name').toLowerCase()
    if (name !== 'prefix' && name !== 'suffix') throw owner.error('Filter', `has a rule named ${name}`)
    result[name] = rule.string('Value')
  }
  return result
}
