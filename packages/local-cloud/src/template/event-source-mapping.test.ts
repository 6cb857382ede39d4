import { expect, it } from 'vitest'
import { readResources } from './read-resources.ts'

it('reads event source mappings of queues and streams', () => {
  const { eventSourceMappings } = readResources({
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/things/stream/x',
        FunctionName: 'arn:aws:lambda:eu-west-1:000000000000:function:run',
        BatchSize: 100,
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 10,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failures' } },
        ScalingConfig: { MaximumConcurrency: 5 },
      },
    },
  })

  expect(eventSourceMappings).toEqual([
    {
      logicalId: 'Mapping',
      eventSourceArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/things/stream/x',
      functionName: 'run',
      enabled: true,
      reportsBatchItemFailures: true,
      filterCriteria: ['{"eventName":["INSERT"]}'],
      batchSize: 100,
      maximumRetryAttempts: 10,
      maximumConcurrency: 5,
      startingPosition: 'TRIM_HORIZON',
      bisectBatchOnFunctionError: true,
      onFailureArn: 'arn:aws:s3:::failures',
    },
  ])
})
