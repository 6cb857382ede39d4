import { makeParkRecord } from '@stockroom/adapters/s3/park-record'
import { s3Client } from '@stockroom/lambda/s3-client'
import type { ParkRecord } from './relay-records.ts'

/** Parks records in the failures bucket. */
export const parkInS3 = (failuresBucket: string): ParkRecord =>
  makeParkRecord({ client: s3Client(), failuresBucket, clock: { now: () => new Date() } })
