import type { SendMessageBatchCommandInput, SendMessageBatchCommandOutput } from '@aws-sdk/client-sqs'
import { SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { SqsEventPublisher } from './sqs-event-publisher.ts'

const anEvent = (id: string, more: Record<string, unknown> = {}) => ({
  specversion: '1.0' as const,
  id,
  type: 'order.placed.v1',
  subject: 'ord_1',
  sequence: '0000000001',
  ...more,
})

/** A publisher whose requests end in `answer` instead of the network. */
const arrange = (answer: Partial<SendMessageBatchCommandOutput>) => {
  const sent: SendMessageBatchCommandInput[] = []
  const client = new SQSClient({ region: 'eu-west-1' })
  client.middlewareStack.add(
    () => async (args) => {
      sent.push(args.input as SendMessageBatchCommandInput)
      return { output: { $metadata: {}, ...answer }, response: undefined }
    },
    { step: 'initialize', priority: 'high' },
  )
  return { publisher: new SqsEventPublisher(client, 'https://sqs.invalid/events.fifo'), sent }
}
const confirmed = (Id: string) => ({ Id, MessageId: Id, MD5OfMessageBody: undefined })

test('sends an event in the group of its aggregate, under its own id', async () => {
  const { publisher, sent } = arrange({ Successful: [confirmed('0')] })
  const event = anEvent('evt_1', { traceparent: 't' })
  expect(await publisher.publish([{ group: 'acme#ord_1', event }])).toEqual({ failed: new Map() })
  expect(sent[0]?.Entries).toEqual([
    {
      Id: '0',
      MessageGroupId: 'acme#ord_1',
      MessageDeduplicationId: 'evt_1',
      MessageBody: JSON.stringify(event),
      MessageAttributes: { traceparent: { DataType: 'String', StringValue: 't' } },
    },
  ])
})

test('counts as sent what was confirmed, and nothing else', async () => {
  const { publisher } = arrange({
    Successful: [confirmed('0')],
    Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false, Message: 'try again' }],
  })
  const events = ['a', 'b', 'c'].map((id) => ({ group: id, event: anEvent(id) }))
  expect((await publisher.publish(events)).failed).toEqual(
    new Map([
      ['b', 'InternalError: try again'],
      ['c', 'not confirmed'],
    ]),
  )
})

test('escapes the characters that SQS does not take, so that the event arrives as it was', async () => {
  const { publisher, sent } = arrange({ Successful: [confirmed('0')] })
  const event = anEvent('evt_1', { data: { reference: 'a\u0000b\uFFFE\uFFFF\uD800 ü😀' } })
  await publisher.publish([{ group: 'acme#ord_1', event }])
  const body = sent[0]?.Entries?.[0]?.MessageBody ?? ''
  // The SQS API's set, "SendMessage".
  expect(body).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u)
  expect(JSON.parse(body)).toEqual(event)
})

test('sends no more in one call than SQS takes, nor makes more calls than that', async () => {
  const events = Array.from({ length: 10 }, (_, i) => ({
    group: String(i),
    event: anEvent(`evt_${i}`, { data: 'ü'.repeat(145_000) }),
  }))
  const { publisher, sent } = arrange({ Successful: events.map((_, i) => confirmed(String(i))) })
  expect(await publisher.publish(events)).toEqual({ failed: new Map() })
  expect(sent.map(({ Entries = [] }) => Entries.map(({ Id }) => Id))).toEqual([
    ['0', '1', '2'],
    ['3', '4', '5'],
    ['6', '7', '8'],
    ['9'],
  ])
})
