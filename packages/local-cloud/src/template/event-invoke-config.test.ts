import { expect, it } from 'vitest'
import { readResources } from './read-resources.ts'

it('reads what becomes of asynchronous invocations', () => {
  const { eventInvokeConfigs } = readResources({
    Config: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 1,
        MaximumEventAgeInSeconds: 3_600,
        DestinationConfig: {
          OnFailure: { Destination: 'arn:aws:sqs:eu-west-1:000000000000:failed' },
          OnSuccess: { Destination: 'arn:aws:sqs:eu-west-1:000000000000:done' },
        },
      },
    },
  })

  expect(eventInvokeConfigs).toEqual([
    {
      logicalId: 'Config',
      functionName: 'run',
      maximumRetryAttempts: 1,
      maximumEventAgeInSeconds: 3_600,
      onFailureArn: 'arn:aws:sqs:eu-west-1:000000000000:failed',
      onSuccessArn: 'arn:aws:sqs:eu-west-1:000000000000:done',
    },
  ])
})
