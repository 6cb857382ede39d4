import type { DeliveryTurn } from '@stockroom/domain/webhook/deliver-webhook'
import { capturedOutput } from '@stockroom/lambda/captured-output'
import { invocationOf } from '@stockroom/lambda/invocation-of'
import type { SQSEvent } from 'aws-lambda'
import { expect, test } from 'vitest'
import { deliverWebhookFunction } from './deliver-webhook-function.ts'

const event: SQSEvent = {
  Records: [
    {
      messageId: 'm-1',
      receiptHandle: 'handle-1',
      body: JSON.stringify({
        merchant: 'corner-shop',
        endpointId: 'whk_00000000000000000000000001',
        eventId: 'evt_00000000000000000000000002',
      }),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: 's',
        ApproximateFirstReceiveTimestamp: '0',
        MessageGroupId: 'group',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:deliveries.fifo',
      awsRegion: 'eu-west-1',
    },
  ],
}
const attempt = { number: 1, at: '2026-11-23T09:00:00.000Z', durationMs: 12, result: { status: 500 } }

const run = async (turn: DeliveryTurn) => {
  capturedOutput()
  const hidden: [handle: string, seconds: number][] = []
  const entry = deliverWebhookFunction(
    async () => turn,
    async (handle, seconds) => void hidden.push([handle, seconds]),
  )
  return { answer: await entry(event, invocationOf('1')), hidden }
}
const stays = { batchItemFailures: [{ itemIdentifier: 'm-1' }] }

test('a delivery that has to wait hides its message for as long, and keeps it', async () => {
  expect(await run({ outcome: 'later', seconds: 300, attempt })).toEqual({
    answer: stays,
    hidden: [['handle-1', 300]],
  })
})

test.each<DeliveryTurn>([
  { outcome: 'settled', status: 'delivered', attempt },
  { outcome: 'settled', status: 'exhausted', attempt },
  { outcome: 'settled', status: 'stopped' },
  { outcome: 'repeated' },
])('a message is done with when its delivery is $outcome', async (turn) => {
  expect(await run(turn)).toEqual({ answer: { batchItemFailures: [] }, hidden: [] })
})

test('a message that cannot be hidden comes back by itself', async () => {
  capturedOutput()
  const entry = deliverWebhookFunction(
    async () => ({ outcome: 'later', seconds: 300 }),
    () => Promise.reject(new Error('ServiceUnavailable')),
  )
  expect(await entry(event, invocationOf('1'))).toEqual(stays)
})
