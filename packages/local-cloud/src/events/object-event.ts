/** What happened to an object, in the words of S3's event types (without the `s3:` that notification filters carry). */
export type ObjectEventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'

/** One change of one object, as the S3 server tells it after the change is durable. */
export interface ObjectEvent {
  readonly name: ObjectEventName
  readonly bucket: string
  /** As stored, not URL-encoded. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Upper-case hexadecimal, growing for every change of the same key; S3 promises no fixed width, so readers left-pad. */
  readonly sequencer: string
  /** Bytes; absent on removal. */
  readonly size?: number
  /** Without quotation marks; absent on removal. */
  readonly eTag?: string
  /** Only in a bucket with versioning. */
  readonly versionId?: string
  /** The access key or principal that made the change. */
  readonly principalId: string
  readonly sourceIp: string
  readonly requestId: string
}

/** Called once per change; MUST return at once (delivery happens behind it) and MUST NOT throw. */
export type ObjectEventListener = (event: ObjectEvent) => void
