import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, it } from 'vitest'
import { stageOf } from './stage.ts'
import { StatefulStack } from './stateful-stack.ts'

const template = Template.fromStack(new StatefulStack(new App(), stageOf('production')))

it('tables of production cannot be deleted, outlive their stack, and go back to any second of 35 days', () => {
  const tables = Object.values(template.findResources('AWS::DynamoDB::GlobalTable'))
  expect(tables).toHaveLength(4)
  for (const { DeletionPolicy, Properties } of tables) {
    expect(DeletionPolicy).toBe('Retain')
    for (const replica of Properties.Replicas)
      expect(replica).toMatchObject({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      })
  }
})

it.each(['AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::KMS::Key'])(
  'what %s holds in production outlives its stack',
  (type) => {
    const resources = Object.values(template.findResources(type))
    expect(resources.length).toBeGreaterThan(0)
    for (const { DeletionPolicy } of resources) expect(DeletionPolicy).toBe('Retain')
  },
)
