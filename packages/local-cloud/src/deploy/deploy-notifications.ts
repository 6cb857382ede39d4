import { bucketArn, type Environment } from '../arn.ts'
import type { Clock } from '../clock.ts'
import { BucketNotifications } from '../events/bucket-notifications.ts'
import type { EventSourceObserver } from '../events/event-source-observer.ts'
import { HttpQueue } from '../events/http-queue.ts'
import type { ObjectEventListener } from '../events/object-event.ts'
import { evaluateResourcePolicy } from '../iam/service-access.ts'
import type { CloudTemplate } from '../template/cloud-template.ts'
import type { ResourcePolicies } from './resource-policies.ts'
import { queueUrl } from './service-credentials.ts'

export interface NotificationDependencies {
  readonly environment: Environment
  readonly clock: Clock
  readonly observe: EventSourceObserver
  readonly policies: ResourcePolicies
  /** The engine's own address: S3 sends for itself, under no role, where only the queue's policy decides. */
  readonly sqsEngine: string
}

/** Running bucket notifications. */
export interface Notifications {
  readonly accept: ObjectEventListener
  /** Ends the retries; resolves when no delivery is under way. */
  close(): Promise<void>
}

/** Connects buckets to their queues. Rejects when a queue's policy does not let S3 send for a bucket. */
export const deployNotifications = async (
  template: CloudTemplate,
  { environment, clock, observe, policies, sqsEngine }: NotificationDependencies,
): Promise<Notifications> => {
  const queue = (queueArn: string) =>
    new HttpQueue({
      queueArn,
      queueUrl: queueUrl(sqsEngine, environment, queueArn),
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=S3/20260101/${environment.region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
      },
    })
  const authorize = (queueArn: string, sourceArn: string): boolean =>
    evaluateResourcePolicy(
      {
        service: 's3.amazonaws.com',
        action: 'sqs:SendMessage',
        resource: queueArn,
        sourceArn,
        sourceAccount: environment.account,
      },
      policies(queueArn),
    ).allowed

  const byBucket = new Map(
    template.buckets
      .filter(({ notifications }) => notifications.length > 0)
      .map(({ logicalId, bucket, notifications }) => [
        bucket.name,
        new BucketNotifications(
          {
            name: bucket.name,
            arn: bucketArn(environment, bucket.name),
            region: environment.region,
            ownerId: environment.account,
          },
          notifications.map(({ queueArn, ...notification }, index) => ({
            ...notification,
            id: `${logicalId}-${index}`,
            queue: queue(queueArn),
          })),
          { clock, observe, authorize },
        ),
      ]),
  )
  await Promise.all([...byBucket.values()].map((bucket) => bucket.connect()))
  return {
    accept: (event) => byBucket.get(event.bucket)?.accept(event),
    close: async () => {
      await Promise.all([...byBucket.values()].map((bucket) => bucket.close()))
    },
  }
}
