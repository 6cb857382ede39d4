import { onBucket, type S3Operation } from './s3-call.ts'
import { xmlDocument } from './xml.ts'

export const headBucket: S3Operation = {
  name: 'HeadBucket',
  parameters: [],
  actions: onBucket('s3:ListBucket'),
  perform: async ({ environment }) => ({
    status: 200,
    headers: { 'x-amz-bucket-region': environment.region },
  }),
}

export const getBucketLocation: S3Operation = {
  name: 'GetBucketLocation',
  parameters: ['location'],
  actions: onBucket('s3:GetBucketLocation'),
  // us-east-1 is the empty location, for history's sake (API reference, GetBucketLocation).
  perform: async ({ environment }) => ({
    status: 200,
    body: xmlDocument(['LocationConstraint', environment.region === 'us-east-1' ? '' : environment.region]),
  }),
}
