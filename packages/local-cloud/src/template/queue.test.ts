import { expect, it } from 'vitest'
import { arn, document, readResources, tags } from './read-resources.ts'

it('reads queues with their dead-letter queues and policies', () => {
  const { queues, queuePolicies } = readResources({
    Dlq: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dlq.fifo', FifoQueue: 'true' } },
    Work: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'work.fifo',
        FifoQueue: true,
        ContentBasedDeduplication: true,
        VisibilityTimeout: 120,
        RedrivePolicy: { deadLetterTargetArn: arn('Dlq'), maxReceiveCount: 5 },
        SqsManagedSseEnabled: true,
        Tags: tags,
      },
    },
    Policy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { Queues: [{ Ref: 'Work' }], PolicyDocument: document('sqs:*', { Principal: '*' }) },
    },
  })

  expect(queues[1]).toEqual({
    logicalId: 'Work',
    queueName: 'work.fifo',
    fifo: true,
    visibilityTimeoutSeconds: 120,
    redrive: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:dlq.fifo', maxReceiveCount: 5 },
    attributes: {
      VisibilityTimeout: '120',
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dlq.fifo","maxReceiveCount":5}',
    },
  })
  expect(queuePolicies[0]?.on).toEqual(['http://127.0.0.1:9324/000000000000/work.fifo'])
})
