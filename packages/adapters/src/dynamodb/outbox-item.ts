import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { Envelope } from '@stockroom/outbox/envelope'
import { envelopeKey, pendingShard, pendingShards, shardOf } from './keys.ts'

/** The element of a transaction that writes `envelope`: pending until the relay marks it published, and only then given a TTL. */
export const putEnvelope = (tableName: string, envelope: Envelope): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: marshall({
      ...envelopeKey(envelope.tenant, envelope.aggregate, envelope.seq),
      ...envelope,
      // One string: the relay forwards it, and DynamoDB's types cannot change a number or drop an empty member.
      events: JSON.stringify(envelope.events),
      pendingShard: pendingShard(shardOf(`${envelope.tenant}#${envelope.aggregate}`, pendingShards)),
    }),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
})

/** Reads an outbox item or stream image. @throws ZodError or SyntaxError when it is no envelope. */
export const readEnvelope = (image: Record<string, AttributeValue>): Envelope => {
  const item = unmarshall(image)
  return Envelope.parse({ ...item, events: JSON.parse(String(item.events)) })
}
