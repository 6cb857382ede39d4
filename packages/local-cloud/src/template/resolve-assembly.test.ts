// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
import { describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { inMemoryAssembly } from './in-memory-assembly.ts'
import type { Template } from './load-assembly.ts'
import { type ResolveOptions, resolveAssembly } from './resolve-assembly.ts'

const options: ResolveOptions = {
  environment: localEnvironment,
  addresses: { sqs: 'http://127.0.0.1:9324', httpApi: () => 'http://127.0.0.1:8080' },
}

const resolve = (stacks: Record<string, Partial<Template>>, parameters: Record<string, string> = {}) =>
  resolveAssembly(inMemoryAssembly(stacks), { ...options, parameters })

/** What an output with this value comes to, in a stack that has one of everything. */
const evaluate = (value: unknown, template: Partial<Template> = {}) =>
  resolve({
    App: {
      ...template,
      Resources: {
        Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
        Things: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'things' } },
        Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
        Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: {} },
        ...template.Resources,
      },
      Outputs: { Result: { Value: value } },
    },
  }).outputs().App?.Result

describe('intrinsic functions', () => {
  it.each([
    ['Ref to a queue', { Ref: 'Work' }, 'http://127.0.0.1:9324/000000000000/work'],
    ['Ref to a table', { Ref: 'Things' }, 'things'],
    ['Ref to a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['Fn::GetAtt', { 'Fn::GetAtt': ['Work', 'Arn'] }, 'arn:aws:sqs:eu-west-1:000000000000:work'],
    ['Fn::GetAtt in one string', { 'Fn::GetAtt': 'Files.Arn' }, 'arn:aws:s3:::files'],
    ['Fn::Join', { 'Fn::Join': ['/', [{ 'Fn::GetAtt': ['Files', 'Arn'] }, '*']] }, 'arn:aws:s3:::files/*'],
    [
      'Fn::Sub',
      { 'Fn::Sub': '${AWS::AccountId}-${Things}-${Work.QueueName}-${!Not}' },
      '000000000000-things-work-${Not}',
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${a}', { a: { Ref: 'Things' } }] }, 'things'],
    ['Fn::Select', { 'Fn::Select': [1, ['a', 'b']] }, 'b'],
    ['Fn::Split', { 'Fn::Select': [5, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Work', 'Arn'] }] }] }, 'work'],
    [
      'an address that only AWS has',
      {
        'Fn::Join': [
          '',
          [
            'https://',
            { Ref: 'Api' },
            '.execute-api.',
            { Ref: 'AWS::Region' },
            '.',
            { Ref: 'AWS::URLSuffix' },
            '/v1',
          ],
        ],
      },
      'http://127.0.0.1:8080/v1',
    ],
  ])('%s', (_, value, expected) => {
    expect(evaluate(value)).toBe(expected)
  })

  it.each([
    ['an unknown function', { 'Fn::Cidr': ['10.0.0.0/16', 1] }, 'Fn::Cidr is not known to the local cloud'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Work', 'Colour'] }, 'attribute Colour is not known'],
    ['an unknown name', { Ref: 'Nothing' }, 'there is no resource Nothing'],
    ['an export that nobody has', { 'Fn::ImportValue': 'nothing' }, 'no stack exports nothing'],
    ['a missing element', { 'Fn::Select': [2, ['a', 'b']] }, 'there is no element 2'],
  ])('refuse %s and say where', (_, value, message) => {
    expect(() => evaluate(value)).toThrow(message)
    expect(() => evaluate(value)).toThrow('App: output Result')
  })

  it('follow imports through other stacks', () => {
    const { outputs } = resolve({
      Data: {
        Resources: { Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } } },
        Outputs: { WorkArn: { Value: { 'Fn::GetAtt': ['Work', 'Arn'] }, Export: { Name: 'Data:Work' } } },
      },
      Code: { Outputs: { Result: { Value: { 'Fn::ImportValue': 'Data:Work' } } } },
    })

    expect(outputs().Code?.Result).toBe('arn:aws:sqs:eu-west-1:000000000000:work')
  })
})

describe('conditions', () => {
  const template: Partial<Template> = {
    Parameters: { Stage: { Type: 'String', Default: 'dev' } },
    Conditions: {
      IsProduction: { 'Fn::Equals': [{ Ref: 'Stage' }, 'production'] },
      IsOther: { 'Fn::And': [{ 'Fn::Not': [{ Condition: 'IsProduction' }] }, { 'Fn::Equals': ['a', 'a'] }] },
    },
    Resources: {
      Kept: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: { 'Fn::If': ['IsOther', 'other', 'production'] },
          DelaySeconds: { 'Fn::If': ['IsOther', { Ref: 'AWS::NoValue' }, 5] },
        },
      },
      Left: { Type: 'AWS::SQS::Queue', Condition: 'IsProduction' },
    },
  }

  it('choose values and leave resources out', () => {
    const queues = resolve({ App: template }).resources('AWS::SQS::Queue')

    expect(queues.map(({ logicalId, properties }) => [logicalId, properties])).toEqual([
      ['Kept', { QueueName: 'other' }],
    ])
  })

  it('follow parameters', () => {
    const queues = resolve({ App: template }, { Stage: 'production' }).resources('AWS::SQS::Queue')

    expect(queues.map(({ logicalId }) => logicalId)).toEqual(['Kept', 'Left'])
  })
})

describe('parameters', () => {
  const withParameter = (parameter: Template['Parameters'][string], values: Record<string, string>) =>
    resolve({ App: { Parameters: { P: parameter }, Outputs: { Result: { Value: { Ref: 'P' } } } } }, values)

  it('take the given value, else the default', () => {
    const parameter = { Type: 'String', Default: 'default' }

    expect(withParameter(parameter, {}).outputs().App?.Result).toBe('default')
    expect(withParameter(parameter, { P: 'given' }).outputs().App?.Result).toBe('given')
  })

  it.each([
    ['a missing value', { Type: 'String' }, {}, 'parameter P has no value'],
    ['a value that is not allowed', { Type: 'String', AllowedValues: ['a'] }, { P: 'b' }, 'allowed: a'],
    [
      'a value that does not match',
      { Type: 'String', AllowedPattern: '[a-z]' },
      { P: 'ab' },
      'allowed: [a-z]',
    ],
    ['text for a number', { Type: 'Number' }, { P: 'many' }, 'not a number'],
    ['an unknown type', { Type: 'AWS::EC2::VPC::Id' }, { P: 'x' }, 'AWS::EC2::VPC::Id'],
  ])('refuse %s', (_, parameter, values, message) => {
    expect(() => withParameter(parameter, values).outputs()).toThrow(message)
  })

  it('refuse a name that no stack has', () => {
    expect(() => resolve({ App: {} }, { Typo: 'x' })).toThrow('No stack has a parameter Typo')
  })
})

describe('names', () => {
  const nameOf = (type: string, logicalId: string, properties = {}, stack = 'App') =>
    resolve({ [stack]: { Resources: { [logicalId]: { Type: type, Properties: properties } } } }).resources(
      type,
    )[0]?.physicalName ?? ''

  it('are made of stack, logical id and a hash that is the same in every run', () => {
    expect(nameOf('AWS::DynamoDB::Table', 'Things')).toMatch(/^App-Things-[0-9A-Z]{12}$/)
    expect(nameOf('AWS::DynamoDB::Table', 'Things')).toBe(nameOf('AWS::DynamoDB::Table', 'Things'))
  })

  it('stay within the limits of their type', () => {
    const long = 'L'.repeat(200)

    expect(nameOf('AWS::S3::Bucket', long)).toMatch(/^app-l+-[0-9a-z]{12}$/)
    expect(nameOf('AWS::S3::Bucket', long)).toHaveLength(63)
    expect(nameOf('AWS::Lambda::Function', long)).toHaveLength(64)
    expect(nameOf('AWS::SQS::Queue', long, { FifoQueue: true })).toMatch(/\.fifo$/)
    expect(nameOf('AWS::SQS::Queue', long, { FifoQueue: true })).toHaveLength(80)
  })

  it('are what the template says when it says something', () => {
    expect(nameOf('AWS::DynamoDB::Table', 'Things', { TableName: 'mine' })).toBe('mine')
  })
})

it('refuses references that lead back', () => {
  const loop = resolve({
    App: {
      Resources: {
        A: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'B' } } },
        B: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'A' } } },
      },
    },
  })

  expect(() => loop.resources('AWS::SQS::Queue')).toThrow('Circular dependency: App.A → App.B → App.A')
})
