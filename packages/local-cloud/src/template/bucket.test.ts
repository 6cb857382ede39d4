import { describe, expect, it } from 'vitest'
import { arn, document, readResources, trust } from './read-resources.ts'

describe('buckets', () => {
  const queue = { Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } } }
  const expected = {
    events: ['s3:ObjectCreated:*'],
    prefix: 'in/',
    queueArn: 'arn:aws:sqs:eu-west-1:000000000000:work',
  }

  it('have their own notifications, versioning and CORS', () => {
    const { buckets } = readResources({
      ...queue,
      Files: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: 'files',
          VersioningConfiguration: { Status: 'Enabled' },
          CorsConfiguration: { CorsRules: [{ AllowedMethods: ['POST'], AllowedOrigins: ['*'], MaxAge: 60 }] },
          LifecycleConfiguration: { Rules: [] },
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                Event: 's3:ObjectCreated:*',
                Queue: arn('Work'),
                Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'in/' }] } },
              },
            ],
          },
        },
      },
    })

    expect(buckets).toEqual([
      {
        logicalId: 'Files',
        bucket: {
          name: 'files',
          versioning: true,
          cors: [
            {
              allowedOrigins: ['*'],
              allowedMethods: ['POST'],
              allowedHeaders: [],
              exposedHeaders: [],
              maxAge: 60,
            },
          ],
        },
        notifications: [expected],
      },
    ])
  })

  it('have those of CDK’s custom resource, whose function, role and policy are not deployed', () => {
    const template = readResources({
      ...queue,
      Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
      Notifications: {
        Type: 'Custom::S3BucketNotifications',
        Properties: {
          ServiceToken: arn('Handler'),
          BucketName: { Ref: 'Files' },
          Managed: true,
          SkipDestinationValidation: false,
          NotificationConfiguration: {
            QueueConfigurations: [
              {
                Events: ['s3:ObjectCreated:*'],
                QueueArn: arn('Work'),
                Filter: { Key: { FilterRules: [{ Name: 'Prefix', Value: 'in/' }] } },
              },
            ],
          },
        },
      },
      Handler: {
        Type: 'AWS::Lambda::Function',
        Properties: { Code: { ZipFile: '...' }, Role: arn('HandlerRole') },
      },
      HandlerRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } },
      HandlerPolicy: {
        Type: 'AWS::IAM::Policy',
        Properties: {
          PolicyName: 'p',
          PolicyDocument: document('s3:GetObject'),
          Roles: [{ Ref: 'HandlerRole' }],
        },
      },
    })

    expect(template.buckets[0]?.notifications).toEqual([expected])
    expect(template.functions).toEqual([])
    expect(template.roles).toEqual([])
  })
})
