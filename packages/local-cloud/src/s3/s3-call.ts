import type { Readable } from 'node:stream'
import type { Environment } from '../arn.ts'
import { bucketArn } from '../arn.ts'
import type { Clock } from '../clock.ts'
import type { ObjectEventListener } from '../events/object-event.ts'
import type { RequestedAction } from '../gateway/authorize.ts'
import type { Caller } from './authenticate.ts'
import type { Bucket } from './bucket.ts'
import type { IncomingBody } from './incoming-body.ts'
import type { MultipartIndex } from './multipart-index.ts'
import type { ObjectFiles } from './object-files.ts'
import type { ObjectIndex } from './object-index.ts'

/** What the operations work with. */
export interface S3Service {
  readonly environment: Environment
  readonly clock: Clock
  readonly endpoint: string
  readonly buckets: ReadonlyMap<string, Bucket>
  readonly index: ObjectIndex
  readonly uploads: MultipartIndex
  /** Uploads that a CompleteMultipartUpload is putting together right now. */
  readonly completing: Set<string>
  readonly files: ObjectFiles
  readonly onObjectEvent: ObjectEventListener
}

/** A request whose caller is known. */
export interface S3Request {
  readonly requestId: string
  readonly caller: Caller
  readonly sourceIp: string
  readonly bucket: Bucket
  /** Empty for operations on a bucket. */
  readonly key: string
  readonly parameters: ReadonlyMap<string, string>
  /** By lower-case name; for a form, its fields. */
  readonly headers: ReadonlyMap<string, string>
  /** May be called once. Throws what the promises about the body violate, for instance MissingContentLength. */
  openBody(): IncomingBody
}

/** A request that the door has admitted. */
export interface S3Call extends S3Request {
  /** Whether the caller may also do this. */
  permits(action: RequestedAction): boolean
}

export interface S3Answer {
  readonly status: number
  /** S3's code, of an answer that is an error. */
  readonly errorCode?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Readable
}

export interface S3Operation {
  /** As the SDK names it. */
  readonly name: string
  /** Query parameters that it understands; any other is refused. */
  readonly parameters: readonly string[]
  /** What the caller must be permitted. */
  actions(request: S3Request, environment: Environment): readonly RequestedAction[]
  perform(service: S3Service, call: S3Call): Promise<S3Answer>
}

export const onBucket =
  (action: string) =>
  ({ bucket }: S3Request, environment: Environment): readonly RequestedAction[] => [
    { action, resource: bucketArn(environment, bucket.name) },
  ]

export const onObject =
  (action: string) =>
  ({ bucket, key }: S3Request, environment: Environment): readonly RequestedAction[] => [
    { action, resource: `${bucketArn(environment, bucket.name)}/${key}` },
  ]
