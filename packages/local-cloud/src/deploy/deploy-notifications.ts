import { bucketArn, type Environment } from '../arn.ts'
import type { Clock } from '../clock.ts'
import { BucketNotifications } from '../events/bucket-notifications.ts'
import type { EventSourceObserver } from '../events/event-source-observer.ts'
import { HttpQueue } from '../events/http-queue.ts'
import type { ObjectEventListener } from '../events/object-event.ts'
import type { FaultPlan } from '../faults/fault-plan.ts'
import { faultyObjectEvents } from '../faults/faulty-object-events.ts'
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
  /** Buckets tell their changes with the faults of this plan. */
  readonly faults?: FaultPlan | undefined
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
  { environment, clock, observe, policies, sqsEngine, faults }: NotificationDependencies,
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
  const listeners = new Map(
    [...byBucket].map(([source, bucket]): readonly [string, ObjectEventListener] => {
      const accept: ObjectEventListener = (event) => bucket.accept(event)
      const sendTestEvent = (): void => {
        bucket.connect().catch((error: unknown) => {
          observe(
            { kind: 'trouble', doing: 'send s3:TestEvent', error },
            { name: source, source: bucketArn(environment, source), target: 'queues' },
          )
        })
      }
      return [
        source,
        faults ? faultyObjectEvents({ accept, sendTestEvent, plan: faults, clock, source }) : accept,
      ]
    }),
  )
  return {
    accept: (event) => listeners.get(event.bucket)?.(event),
    close: async () => {
      await Promise.all([...byBucket.values()].map((bucket) => bucket.close()))
    },
  }
}
