import { Duration } from 'aws-cdk-lib'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Stage } from './stage.ts'

/** Three buckets, so that nothing we write can set off an import: what merchants send, what they fetch, what failed. */
export class Buckets extends Construct {
  /** Delivery files, under `uploads/`; each object's arrival is a message in the uploads queue. */
  readonly uploads: Bucket
  /** Rejects and reports, fetched through presigned links. */
  readonly exports: Bucket
  /** Stream records whose retries ended, with their payload; what operators replayed or dropped, for 400 days. */
  readonly failures: Bucket

  constructor(scope: Construct, stage: Stage, uploadsQueue: Queue) {
    super(scope, 'Buckets')
    const common = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: stage.removalPolicy,
    }
    const abandoned = { abortIncompleteMultipartUploadAfter: Duration.days(1) }

    this.uploads = new Bucket(this, 'Uploads', {
      ...common,
      // A plan pins the version it read: a second upload under the same form cannot change what is imported, for as long as a message may wait.
      versioned: true,
      lifecycleRules: [
        { ...abandoned, expiration: Duration.days(90), noncurrentVersionExpiration: Duration.days(15) },
      ],
      cors: [{ allowedMethods: [HttpMethods.POST], allowedOrigins: ['*'], allowedHeaders: ['*'] }],
    })
    this.#notify(this.uploads, uploadsQueue)

    this.exports = new Bucket(this, 'Exports', {
      ...common,
      lifecycleRules: [{ ...abandoned, expiration: Duration.days(400) }],
    })
    this.failures = new Bucket(this, 'Failures', {
      ...common,
      // What Lambda parked stays until somebody deals with it.
      lifecycleRules: [
        abandoned,
        ...['replayed/', 'dropped/'].map((prefix) => ({ prefix, expiration: Duration.days(400) })),
      ],
    })
  }

  /** CloudFormation's own notification property, and not CDK's: that one brings a function with rights on every bucket. */
  #notify(bucket: Bucket, queue: Queue): void {
    const resource = bucket.node.defaultChild
    if (!(resource instanceof CfnBucket)) throw new TypeError('a bucket is made of a CfnBucket')
    resource.notificationConfiguration = {
      queueConfigurations: [
        {
          event: 's3:ObjectCreated:*',
          queue: queue.queueArn,
          filter: { s3Key: { rules: [{ name: 'prefix', value: 'uploads/' }] } },
        },
      ],
    }
    const policy = queue.node.tryFindChild('Policy')
    if (policy !== undefined) bucket.node.addDependency(policy)
  }
}
