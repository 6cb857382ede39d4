import { expect, it } from 'vitest'
import { readResources, tags } from './read-resources.ts'

it('reads tables with indexes, stream and time to live', () => {
  const { tables } = readResources({
    Things: {
      Type: 'AWS::DynamoDB::GlobalTable',
      Properties: {
        TableName: 'things',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byKind',
            KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['colour'] },
          },
        ],
        Replicas: [
          { Region: { Ref: 'AWS::Region' }, GlobalSecondaryIndexes: [{ IndexName: 'byKind' }], Tags: tags },
        ],
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        SSESpecification: { SSEEnabled: false },
      },
    },
  })

  expect(tables).toEqual([
    {
      logicalId: 'Things',
      tableName: 'things',
      keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      attributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      globalSecondaryIndexes: [
        {
          IndexName: 'byKind',
          KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['colour'] },
        },
      ],
      localSecondaryIndexes: [],
      streamViewType: 'NEW_IMAGE',
      timeToLiveAttribute: 'ttl',
    },
  ])
})
