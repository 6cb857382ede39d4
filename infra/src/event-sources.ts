import { Duration } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { BundledFunction } from './bundled-function.ts'

/**
 * Feeds `queue` to a function, which answers with the messages that failed. `maximumConcurrency` holds the poller back; a reserved
 * concurrency would not: the poller pulls past it and burns receive counts (Lambda guide, "services-sqs-scaling").
 */
export const consumeQueue = (
  consumer: BundledFunction,
  queue: IQueue,
  options: { readonly batchSize: number; readonly maximumConcurrency: number },
): void => {
  consumer.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queue.queueArn)
  const mapping = new CfnEventSourceMapping(consumer, 'Source', {
    functionName: consumer.function.functionName,
    eventSourceArn: queue.queueArn,
    batchSize: options.batchSize,
    functionResponseTypes: ['ReportBatchItemFailures'],
    scalingConfig: { maximumConcurrency: options.maximumConcurrency },
  })
  mapping.node.addDependency(consumer.role)
}

/**
 * Feeds the stream of `table` to a function from the oldest record on: LATEST would lose what was written while the mapping was made.
 * A batch that keeps failing is bisected, and what is left of it goes to `failures` with its records: a queue would get pointers only,
 * and the stream forgets after 24 hours (Lambda guide, "services-dynamodb-errors").
 */
export const consumeStream = (consumer: BundledFunction, table: TableV2, failures: Bucket): void => {
  const streamArn = table.tableStreamArn
  if (streamArn === undefined) throw new TypeError(`${table.node.path} has no stream`)
  consumer
    .allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      streamArn,
    )
    .allow(['s3:PutObject'], failures.arnForObjects('aws/lambda/*'))
    .allow(['s3:ListBucket'], failures.bucketArn)
  const mapping = new CfnEventSourceMapping(consumer, 'Source', {
    functionName: consumer.function.functionName,
    eventSourceArn: streamArn,
    startingPosition: 'TRIM_HORIZON',
    batchSize: 100,
    parallelizationFactor: 1,
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 10,
    // The sweep has published it long before; retrying longer would only hold the shard up.
    maximumRecordAgeInSeconds: Duration.hours(6).toSeconds(),
    functionResponseTypes: ['ReportBatchItemFailures'],
    // Only new envelopes: what the relay marks and what TTL removes is nobody's event.
    filterCriteria: { filters: [{ pattern: JSON.stringify({ eventName: ['INSERT'] }) }] },
    destinationConfig: { onFailure: { destination: failures.bucketArn } },
  })
  mapping.node.addDependency(consumer.role)
}
