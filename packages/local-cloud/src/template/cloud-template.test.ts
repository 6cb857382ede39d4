import { describe, expect, it } from 'vitest'
import { readResources } from './read-resources.ts'

describe('what is not known', () => {
  it.each([
    [
      'a resource type',
      { Topic: { Type: 'AWS::SNS::Topic' } },
      'App.Topic (AWS::SNS::Topic): the type is not known to the local cloud',
    ],
    [
      'a property',
      { Work: { Type: 'AWS::SQS::Queue', Properties: { Colour: 'red' } } },
      'App.Work (AWS::SQS::Queue): property Colour is not known to the local cloud',
    ],
    [
      'a nested property',
      {
        Things: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH', Colour: 'red' }],
            AttributeDefinitions: [],
          },
        },
      },
      'App.Things (AWS::DynamoDB::Table): KeySchema.0: property Colour is not known',
    ],
    [
      'a value',
      { Key: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'RSA_2048' } } },
      'App.Key (AWS::KMS::Key): property KeySpec is RSA_2048; known here: SYMMETRIC_DEFAULT, HMAC_256',
    ],
    [
      'a second region of a table',
      {
        Things: {
          Type: 'AWS::DynamoDB::GlobalTable',
          Properties: { Replicas: [{ Region: 'eu-west-1' }, { Region: 'us-east-1' }] },
        },
      },
      'names several regions',
    ],
  ])('%s stops the start and is named', (_, resources, message) => {
    expect(() => readResources(resources)).toThrow(message)
  })
})

it('accepts what has no effect here only as the coverage table says', () => {
  const template = readResources({
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Anything: true } },
    Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'x' } },
  })

  expect(Object.values(template).flatMap((list) => Object.values(list))).toEqual([])
})
