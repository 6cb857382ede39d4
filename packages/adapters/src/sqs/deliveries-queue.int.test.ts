import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { CountingIds } from '@stockroom/domain/counting-ids'
import type { EventId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { DeliveryMessage } from '@stockroom/domain/webhook/delivery-queue'
import { localEnvironment } from '@stockroom/local-cloud/arn'
import { type SqsEngine, startSqs } from '@stockroom/local-cloud/engines/sqs'
import { parseQueue } from '@stockroom/local-cloud/template/queue'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePostponeMessage } from './postpone-message.ts'
import { SqsDeliveryQueue } from './sqs-delivery-queue.ts'

let engine: SqsEngine
let client: SQSClient
let queueUrl: string

beforeAll(async () => {
  engine = await startSqs(localEnvironment)
  const properties = { FifoQueue: true, VisibilityTimeout: 120 }
  const [stack, logicalId, physicalName] = ['Test', 'Deliveries', 'deliveries.fifo']
  await engine.createQueues([
    parseQueue({ stack, logicalId, type: 'AWS::SQS::Queue', physicalName, properties }),
  ])
  queueUrl = `${engine.endpoint}/000000000000/${physicalName}`
  client = new SQSClient({
    endpoint: engine.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'local' },
  })
})
afterAll(async () => {
  client.destroy()
  await engine.close()
})

const ids = new CountingIds()
const merchant = MerchantId.parse('corner-shop')
const cause = { correlationId: 'c-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
const receive = async () => {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 0, MessageAttributeNames: ['All'] }),
  )
  return Messages[0]
}

test('carries deliveries in order per endpoint and subject, once each, and hides one for as long as it is postponed', async () => {
  const queue = new SqsDeliveryQueue(client, queueUrl)
  const postpone = makePostponeMessage(client, queueUrl)
  const endpointId = ids.next('whk')
  const send = (eventId: EventId, subject: string, asked = eventId) =>
    queue.send({ merchant, endpointId, eventId }, { subject, asked }, cause)
  const [first, second, other, replay] = [ids.next('evt'), ids.next('evt'), ids.next('evt'), ids.next('evt')]
  await send(first, 'ord_1')
  await send(first, 'ord_1')
  await send(second, 'ord_1')
  await send(other, 'ord_2')
  await send(first, 'ord_1', replay)

  const held = await receive()
  expect(DeliveryMessage.parse(JSON.parse(held?.Body ?? ''))).toEqual({
    merchant,
    endpointId,
    eventId: first,
  })
  expect(held?.MessageAttributes).toMatchObject({
    correlationId: { StringValue: 'c-1' },
    traceparent: { StringValue: cause.traceparent },
  })
  await postpone(held?.ReceiptHandle ?? '', 39_600)

  // The other subject goes on; nothing of the first does.
  const beside = await receive()
  expect(JSON.parse(beside?.Body ?? '')).toMatchObject({ eventId: other })
  expect(await receive()).toBeUndefined()

  await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: held?.ReceiptHandle }))
  const next = await receive()
  expect(JSON.parse(next?.Body ?? '')).toMatchObject({ eventId: second })
  await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: next?.ReceiptHandle }))
  expect(JSON.parse((await receive())?.Body ?? '')).toMatchObject({ eventId: first })
})
