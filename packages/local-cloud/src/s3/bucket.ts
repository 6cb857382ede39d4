/** One rule of a bucket's CORS configuration, in the words of CloudFormation's CorsRule. */
export interface CorsRule {
  readonly allowedOrigins: readonly string[]
  readonly allowedMethods: readonly string[]
  readonly allowedHeaders: readonly string[]
  readonly exposedHeaders: readonly string[]
  /** Seconds. */
  readonly maxAge?: number
}

/** A bucket as its template describes it; what is in it lives in the index. Lifecycle rules are not emulated. */
export interface Bucket {
  readonly name: string
  readonly versioning: boolean
  readonly cors: readonly CorsRule[]
}
