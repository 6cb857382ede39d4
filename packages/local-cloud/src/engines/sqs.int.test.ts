import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { parseQueue } from '../template/queue.ts'
import { type SqsEngine, startSqs } from './sqs.ts'

const queue = (physicalName: string, properties: Record<string, unknown> = {}) =>
  parseQueue({ stack: 'Test', logicalId: physicalName, type: 'AWS::SQS::Queue', physicalName, properties })

const dlqArn = 'arn:aws:sqs:eu-west-1:000000000000:work-dlq'

describe('an SQS engine', () => {
  let engine: SqsEngine
  let client: SQSClient
  const url = (name: string) => `${engine.endpoint}/000000000000/${name}`

  beforeAll(async () => {
    engine = await startSqs(localEnvironment)
    await engine.createQueues([
      queue('work-dlq', { MessageRetentionPeriod: 1_209_600 }),
      queue('work', {
        VisibilityTimeout: '0',
        RedrivePolicy: { deadLetterTargetArn: dlqArn, maxReceiveCount: 2 },
      }),
      queue('events.fifo', {
        FifoQueue: true,
        ContentBasedDeduplication: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
      }),
    ])
    client = new SQSClient({
      endpoint: engine.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'LOCALOPERATOR', secretAccessKey: 'local' },
    })
  })
  afterAll(async () => {
    client.destroy()
    await engine.close()
  })

  const attributes = async (name: string) =>
    (await client.send(new GetQueueAttributesCommand({ QueueUrl: url(name), AttributeNames: ['All'] })))
      .Attributes

  it('holds the queues as they were declared', async () => {
    expect(await attributes('work-dlq')).toMatchObject({
      QueueArn: dlqArn,
      MessageRetentionPeriod: '1209600',
    })
    expect(await attributes('events.fifo')).toMatchObject({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
    })
  })

  it('moves a message to the dead-letter queue after the declared number of receives', async () => {
    await client.send(new SendMessageCommand({ QueueUrl: url('work'), MessageBody: 'poison' }))
    const receive = (name: string) => client.send(new ReceiveMessageCommand({ QueueUrl: url(name) }))

    for (let n = 0; n < 2; n += 1) expect((await receive('work')).Messages).toHaveLength(1)
    expect((await receive('work')).Messages ?? []).toEqual([])

    expect((await receive('work-dlq')).Messages).toMatchObject([{ Body: 'poison' }])
  })

  it('keeps the order of a group, over a message that comes back', async () => {
    const QueueUrl = url('events.fifo')
    for (const body of ['first', 'second']) {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageGroupId: 'g' }))
    }
    const first = await client.send(new ReceiveMessageCommand({ QueueUrl }))
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: first.Messages?.[0]?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    )

    const again = await client.send(new ReceiveMessageCommand({ QueueUrl }))
    expect(first.Messages?.[0]?.Body).toBe('first')
    expect(again.Messages?.[0]?.Body).toBe('first')
  })
})

it('ends with a long poll pending', async () => {
  const engine = await startSqs(localEnvironment)
  await engine.createQueues([queue('idle')])
  const client = new SQSClient({
    endpoint: engine.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'LOCALOPERATOR', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
  const poll = client
    .send(
      new ReceiveMessageCommand({ QueueUrl: `${engine.endpoint}/000000000000/idle`, WaitTimeSeconds: 20 }),
    )
    .then(
      ({ Messages }) => Messages ?? [],
      (error: unknown) => error,
    )

  await engine.close()

  expect([[], expect.any(Error)]).toContainEqual(await poll)
  client.destroy()
})
