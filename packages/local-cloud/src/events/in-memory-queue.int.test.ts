import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { localEnvironment } from '../arn.ts'
import { type SqsEngine, startSqs } from '../engines/sqs.ts'
import { parseQueue } from '../template/queue.ts'
import { HttpQueue } from './http-queue.ts'
import { describeQueue } from './queue-contract.ts'

let engine: SqsEngine
beforeAll(async () => {
  engine = await startSqs(localEnvironment)
})
afterAll(() => engine.close())

let queues = 0
const createQueue = async (
  physicalName: string,
  properties: Readonly<Record<string, unknown>>,
): Promise<HttpQueue> => {
  const type = 'AWS::SQS::Queue'
  await engine.createQueues([
    parseQueue({ stack: 'Test', logicalId: 'Queue', type, physicalName, properties }),
  ])
  return new HttpQueue({
    queueArn: arnOf(physicalName),
    queueUrl: `${engine.endpoint}/000000000000/${physicalName}`,
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=LOCALOPERATOR/20260101/eu-west-1/sqs/aws4_request',
    },
  })
}
const arnOf = (name: string): string => `arn:aws:sqs:eu-west-1:000000000000:${name}`

/** The queue in memory stands for this one in simulations: both answer to the same contract. */
describeQueue('the SQS engine', {
  create: async ({ fifo = false, visibilityTimeoutSeconds, maxReceiveCount }) => {
    queues += 1
    const suffix = fifo ? '.fifo' : ''
    const kind = fifo ? { FifoQueue: true } : {}
    const deadLetters = await createQueue(`work-${queues}-dlq${suffix}`, kind)
    const redrive = { deadLetterTargetArn: deadLetters.queueArn, maxReceiveCount }
    const queue = await createQueue(`work-${queues}${suffix}`, {
      ...kind,
      ...(visibilityTimeoutSeconds !== undefined && { VisibilityTimeout: visibilityTimeoutSeconds }),
      ...(maxReceiveCount !== undefined && { RedrivePolicy: redrive }),
    })
    return { queue, deadLetters }
  },
  pass: (seconds) => setTimeout(seconds * 1_000),
})
