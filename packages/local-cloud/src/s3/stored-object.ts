import type { Checksum } from './checksum.ts'

/** One version of an object, as the index keeps it. */
export interface StoredObject {
  readonly kind: 'object'
  readonly key: string
  /** `null`, as S3 says it, for what was written while versioning was off. */
  readonly versionId: string
  readonly fileId: string
  readonly size: number
  /** No quotation marks. */
  readonly eTag: string
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
  /** Content-Type and its like and `x-amz-meta-*`, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly checksum: Checksum | undefined
}

/** What hides an object that was deleted from a bucket with versioning. */
export interface DeleteMarker {
  readonly kind: 'delete marker'
  readonly key: string
  readonly versionId: string
  readonly modifiedAt: number
}

export type ObjectVersion = StoredObject | DeleteMarker
