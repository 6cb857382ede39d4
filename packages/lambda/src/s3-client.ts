import { S3Client } from '@aws-sdk/client-s3'
import { connectionTimeout, maxAttempts } from './aws-clients.ts'
import { endingWithInvocation } from './ending-with-invocation.ts'

/** A body may take long; only a socket on which nothing moves is given up. Apart from the others, so that a function can load it when it is first needed. */
export const s3Client = () =>
  endingWithInvocation(
    new S3Client({ maxAttempts, requestHandler: { connectionTimeout, socketTimeout: 10_000 } }),
  )
