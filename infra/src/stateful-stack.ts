import { type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib'
import { Buckets } from './buckets.ts'
import { Keys } from './keys.ts'
import { Queues } from './queues.ts'
import type { Stage } from './stage.ts'
import { Tables } from './tables.ts'

/** Everything that holds data: deleting or replacing the other stack loses nothing. */
export class StatefulStack extends Stack {
  readonly tables: Tables
  readonly queues: Queues
  readonly buckets: Buckets
  readonly keys: Keys

  constructor(app: App, stage: Stage) {
    super(app, `Stockroom-${stage.name}-Stateful`, {
      description: `Stockroom (${stage.name}): tables, queues, buckets and keys`,
      terminationProtection: stage.deletionProtection,
    })
    Tags.of(this).add('stockroom:stage', stage.name)
    this.tables = new Tables(this, stage)
    this.queues = new Queues(this, stage)
    this.buckets = new Buckets(this, stage, this.queues.uploads)
    this.keys = new Keys(this, stage)

    for (const [name, value] of Object.entries({
      ShopTableName: this.tables.shop.tableName,
      OutboxTableName: this.tables.outbox.tableName,
      WebhooksTableName: this.tables.webhooks.tableName,
      UploadsBucketName: this.buckets.uploads.bucketName,
      ExportsBucketName: this.buckets.exports.bucketName,
      FailuresBucketName: this.buckets.failures.bucketName,
    }))
      new CfnOutput(this, name, { value })
    for (const [name, queue] of this.queues.all)
      new CfnOutput(this, `${name}QueueUrl`, { value: queue.queueUrl })
  }
}
