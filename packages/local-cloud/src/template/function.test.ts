import { expect, it } from 'vitest'
import { arn, readResources, trust } from './read-resources.ts'

it('reads functions with the directory of their bundle', () => {
  const { functions } = readResources({
    Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'role', AssumeRolePolicyDocument: trust } },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'logs', RetentionInDays: 7 } },
    Run: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'run',
        Architectures: ['arm64'],
        Code: { S3Bucket: 'assets', S3Key: 'abc.zip' },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: arn('Role'),
        Timeout: 28,
        MemorySize: 512,
        ReservedConcurrentExecutions: 0,
        LoggingConfig: { LogGroup: { Ref: 'Logs' }, LogFormat: 'JSON' },
        Environment: { Variables: { PORT: 80, STAGE: 'dev' } },
      },
    },
  })

  expect(functions).toEqual([
    {
      logicalId: 'Run',
      name: 'run',
      arn: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
      roleArn: 'arn:aws:iam::000000000000:role/role',
      codeDirectory: '/assembly/asset.abc',
      handler: 'index.handler',
      environment: { PORT: '80', STAGE: 'dev' },
      timeoutSeconds: 28,
      memoryMegabytes: 512,
      reservedConcurrency: 0,
      logFormat: 'JSON',
      logGroupName: 'logs',
    },
  ])
})
