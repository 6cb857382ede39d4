import { describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { dynamoDbActions } from './dynamodb-actions.ts'

const actionsOf = dynamoDbActions(localEnvironment, (table, index) =>
  table === 'things' ? (index ? 'owner' : 'pk') : undefined,
)
const things = 'arn:aws:dynamodb:eu-west-1:000000000000:table/things'
const others = 'arn:aws:dynamodb:eu-west-1:000000000000:table/others'
const key = (value: string) => ({ pk: { S: value }, sk: { N: '1' } })
const leading = (...keys: string[]) => ({ 'dynamodb:LeadingKeys': keys })

describe('a DynamoDB request', () => {
  it.each<[string, object, unknown]>([
    ['GetItem', { TableName: 'things', Key: key('a') }, [['GetItem', things, leading('a')]]],
    ['PutItem', { TableName: 'things', Item: key('a') }, [['PutItem', things, leading('a')]]],
    ['UpdateItem', { TableName: 'others', Key: key('a') }, [['UpdateItem', others, {}]]],
    ['DeleteItem', { TableName: things, Key: key('a') }, [['DeleteItem', things, leading('a')]]],
    ['Scan', { TableName: 'things' }, [['Scan', things, {}]]],
    [
      'Query',
      {
        TableName: 'things',
        KeyConditionExpression: 'begins_with(sk, :x) AND #p = :p',
        ExpressionAttributeNames: { '#p': 'pk' },
        ExpressionAttributeValues: { ':p': { S: 'a' }, ':x': { S: 'b' } },
      },
      [['Query', things, leading('a')]],
    ],
    [
      'Query',
      {
        TableName: 'things',
        IndexName: 'by-owner',
        KeyConditionExpression: 'owner=:o',
        ExpressionAttributeValues: { ':o': { S: 'me' } },
      },
      [['Query', `${things}/index/by-owner`, leading('me')]],
    ],
    [
      'BatchGetItem',
      { RequestItems: { things: { Keys: [key('a'), key('b'), key('a')] }, others: { Keys: [key('c')] } } },
      [
        ['BatchGetItem', things, leading('a', 'b')],
        ['BatchGetItem', others, {}],
      ],
    ],
    [
      'BatchWriteItem',
      {
        RequestItems: { things: [{ PutRequest: { Item: key('a') } }, { DeleteRequest: { Key: key('b') } }] },
      },
      [['BatchWriteItem', things, leading('a', 'b')]],
    ],
    [
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: 'things', Item: key('a') } },
          { Put: { TableName: 'things', Item: key('b') } },
          { Update: { TableName: 'others', Key: key('c') } },
          { Delete: { TableName: 'things', Key: key('d') } },
          { ConditionCheck: { TableName: 'things', Key: key('e') } },
        ],
      },
      [
        ['PutItem', things, { ...leading('a', 'b'), 'dynamodb:EnclosingOperation': 'TransactWriteItems' }],
        ['UpdateItem', others, { 'dynamodb:EnclosingOperation': 'TransactWriteItems' }],
        ['DeleteItem', things, { ...leading('d'), 'dynamodb:EnclosingOperation': 'TransactWriteItems' }],
        [
          'ConditionCheckItem',
          things,
          { ...leading('e'), 'dynamodb:EnclosingOperation': 'TransactWriteItems' },
        ],
      ],
    ],
    [
      'TransactGetItems',
      { TransactItems: [{ Get: { TableName: 'things', Key: key('a') } }] },
      [['GetItem', things, { ...leading('a'), 'dynamodb:EnclosingOperation': 'TransactGetItems' }]],
    ],
    ['DescribeTable', { TableName: 'things' }, [['DescribeTable', things, {}]]],
  ])('%s needs its permissions', (operation, input, expected) => {
    const actions = actionsOf(operation, input as Record<string, unknown>)
    expect(actions?.map(({ action, resource, conditions }) => [action, resource, conditions])).toEqual(
      (expected as [string, string, object][]).map(([action, ...rest]) => [`dynamodb:${action}`, ...rest]),
    )
  })

  it.each(['ExecuteStatement', 'BatchExecuteStatement', 'DeleteTable', 'constructor', ''])(
    '%s is not offered',
    (operation) => {
      expect(actionsOf(operation, { TableName: 'things' })).toBeUndefined()
    },
  )

  it.each<[string, object]>([
    ['GetItem', {}],
    ['BatchGetItem', { RequestItems: [] }],
    ['BatchWriteItem', { RequestItems: { things: [null] } }],
    ['TransactWriteItems', { TransactItems: [{ Execute: { TableName: 'things' } }] }],
    ['TransactWriteItems', { TransactItems: [{ constructor: { TableName: 'things' } }] }],
  ])('%s that does not tell its table is refused', (operation, input) => {
    expect(() => actionsOf(operation, input as Record<string, unknown>)).toThrow('ValidationException')
  })
})
