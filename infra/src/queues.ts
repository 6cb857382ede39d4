import { Duration, Stack } from 'aws-cdk-lib'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Stage } from './stage.ts'
import { timeouts } from './timeouts.ts'

/** A message is invisible for six times its consumer's timeout, as Lambda asks for (Lambda guide, "services-sqs-configure"). */
const visibilityFor = (timeout: Duration) => Duration.seconds(timeout.toSeconds() * 6)

/** Order is per group here, so the limit of 300 calls a second may be too (SQS guide, "high-throughput-fifo"). */
const highThroughputFifo = {
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
}

/** Every queue with its dead-letter queue; both keep messages for 14 days, the most SQS allows. */
export class Queues extends Construct {
  /** S3 ObjectCreated notifications of the uploads bucket. */
  readonly uploads: Queue
  /** One message per chunk of an upload. */
  readonly chunks: Queue
  /** CloudEvents, one FIFO group per aggregate. */
  readonly events: Queue
  /** One message per webhook delivery, one FIFO group per endpoint and aggregate. */
  readonly webhookDeliveries: Queue
  /** Invocations that EventBridge Scheduler gave up. */
  readonly schedulesDlq: Queue
  /** Scheduled runs that failed each time Lambda tried them. */
  readonly runsDlq: Queue

  /** All of them by their names; those of dead-letter queues end in `Dlq`. */
  readonly all = new Map<string, Queue>()

  readonly #stage: Stage

  constructor(scope: Construct, stage: Stage) {
    super(scope, 'Queues')
    this.#stage = stage
    this.uploads = this.#withDlq('Uploads', { consumer: timeouts.planUpload, maxReceiveCount: 5 })
    this.chunks = this.#withDlq('Chunks', {
      consumer: timeouts.importChunk,
      // A chunk goes on where it stopped. Ten of 10,000 new skus each share a partition's 1,000 units a second: 3 to 4 turns are their due.
      maxReceiveCount: 10,
    })
    this.events = this.#withDlq('Events', {
      consumer: timeouts.fanOutEvent,
      // An event that is parked holds back those behind it. Ten receives outlast ten minutes in which functions are throttled or slow.
      maxReceiveCount: 10,
      fifo: true,
    })
    this.webhookDeliveries = this.#withDlq('WebhookDeliveries', {
      consumer: timeouts.deliverWebhook,
      // Attempts are counted in the delivery; receives also count postponements while an endpoint is down.
      maxReceiveCount: 200,
      fifo: true,
    })
    this.schedulesDlq = this.#queue('SchedulesDlq', {})
    this.runsDlq = this.#queue('RunsDlq', {})
    this.#acceptBucketNotifications()
  }

  #withDlq(id: string, options: { consumer: Duration; maxReceiveCount: number; fifo?: boolean }): Queue {
    const fifo = options.fifo ?? false
    const dlq = this.#queue(`${id}Dlq`, { fifo })
    return this.#queue(id, {
      fifo,
      visibilityTimeout: visibilityFor(options.consumer),
      deadLetterQueue: { queue: dlq, maxReceiveCount: options.maxReceiveCount },
    })
  }

  #queue(
    id: string,
    {
      fifo = false,
      ...options
    }: {
      fifo?: boolean
      visibilityTimeout?: Duration
      deadLetterQueue?: { queue: Queue; maxReceiveCount: number }
    },
  ): Queue {
    const queue = new Queue(this, id, {
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: this.#stage.removalPolicy,
      // CDK refuses `fifo: false`; the property must be absent.
      ...(fifo ? highThroughputFifo : {}),
      ...options,
    })
    this.all.set(id, queue)
    return queue
  }

  /**
   * S3 tests the queue when the bucket is made, so the policy must come first and cannot name the bucket; the account is what keeps others
   * out, the name pattern what keeps the account's other buckets out.
   */
  #acceptBucketNotifications(): void {
    const stack = Stack.of(this)
    this.uploads.addToResourcePolicy(
      new PolicyStatement({
        sid: 'BucketNotifications',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.uploads.queueArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': `arn:${stack.partition}:s3:::stockroom-*` },
        },
      }),
    )
  }
}
