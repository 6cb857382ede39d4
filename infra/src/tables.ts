import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'
import type { Stage } from './stage.ts'

const text = (name: string) => ({ name, type: AttributeType.STRING })

/** Four tables by who may write them: the shop, its outbox, the webhooks, and Powertools' idempotency records. On-demand, encrypted. */
export class Tables extends Construct {
  readonly shop: TableV2
  readonly outbox: TableV2
  readonly webhooks: TableV2
  readonly idempotency: TableV2

  constructor(scope: Construct, stage: Stage) {
    super(scope, 'Tables')
    const common = {
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: stage.pointInTimeRecovery },
      deletionProtection: stage.deletionProtection,
      removalPolicy: stage.removalPolicy,
    }
    const keys = { partitionKey: text('pk'), sortKey: text('sk') }

    this.shop = new TableV2(this, 'Shop', {
      ...common,
      ...keys,
      timeToLiveAttribute: 'ttl',
      globalSecondaryIndexes: [
        {
          indexName: 'orders-by-status',
          partitionKey: text('statusKey'),
          sortKey: text('statusSort'),
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: ['id', 'status', 'total', 'placedAt', 'version', 'lineCount', 'reference'],
        },
        {
          indexName: 'orders-for-clock',
          partitionKey: text('clockKey'),
          sortKey: text('clockSort'),
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    })

    this.outbox = new TableV2(this, 'Outbox', {
      ...common,
      ...keys,
      // New image only: an envelope never changes, and what the relay marks later is nobody's event.
      dynamoStream: StreamViewType.NEW_IMAGE,
      timeToLiveAttribute: 'ttl',
      globalSecondaryIndexes: [
        {
          indexName: 'unpublished',
          partitionKey: text('pendingShard'),
          sortKey: text('createdAt'),
          projectionType: ProjectionType.ALL,
        },
      ],
    })

    this.webhooks = new TableV2(this, 'Webhooks', { ...common, ...keys, timeToLiveAttribute: 'ttl' })

    this.idempotency = new TableV2(this, 'Idempotency', {
      ...common,
      partitionKey: text('id'),
      timeToLiveAttribute: 'expiration',
    })
  }
}
