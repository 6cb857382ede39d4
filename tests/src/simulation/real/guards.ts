import type { Guard } from '../virtual/guards.ts'

const dynamodb = 'packages/adapters/src/dynamodb'

/** A guard of the adapters, which the virtual tier does not run, and the apps whose bundles hold it. */
export interface BundledGuard extends Guard {
  readonly apps: readonly string[]
}

export const guards: readonly BundledGuard[] = [
  {
    name: 'the publisher takes what SQS names as failed for sent',
    file: 'packages/adapters/src/sqs/sqs-event-publisher.ts',
    before: 'confirmed.has(String(index)) ? []',
    after: 'confirmed.has(String(index)) || index >= 0 ? []',
    apps: ['stream-consumer', 'cron'],
  },
  {
    name: 'a conflict with a transaction counts as an item that is there',
    file: `${dynamodb}/write-if.ts`,
    before: 'if (error instanceof ConditionalCheckFailedException) return false',
    after:
      'if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException) return false',
    apps: ['webhook-sender', 'cron'],
  },
  {
    name: 'stock moves without its condition',
    file: `${dynamodb}/stock-movement-update.ts`,
    before: "ConditionExpression: '#from >= :quantity'",
    after: "ConditionExpression: 'attribute_exists(pk)'",
    apps: ['api', 'cron'],
  },
  {
    name: 'a delivery is written over a newer revision',
    file: `${dynamodb}/set-at-revision.ts`,
    before: "ConditionExpression: '#revision = :before'",
    after: "ConditionExpression: '#revision = :before OR attribute_exists(pk)'",
    apps: ['api', 'webhook-sender'],
  },
  {
    name: 'an answer is written over an earlier one',
    file: `${dynamodb}/answer-item.ts`,
    before: "'attribute_not_exists(pk) OR #ttl <= :now'",
    after: "'attribute_not_exists(pk) OR #ttl <= :now OR attribute_exists(pk)'",
    apps: ['api'],
  },
]
