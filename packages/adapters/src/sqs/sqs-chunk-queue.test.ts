import type { SendMessageBatchCommandInput, SendMessageBatchCommandOutput } from '@aws-sdk/client-sqs'
import { SQSClient } from '@aws-sdk/client-sqs'
import { UploadId } from '@stockroom/domain/ids'
import { MerchantId } from '@stockroom/domain/merchant-id'
import { expect, test } from 'vitest'
import { SqsChunkQueue } from './sqs-chunk-queue.ts'

const chunks = Array.from({ length: 23 }, (_, index) => ({
  merchant: MerchantId.parse('acme'),
  uploadId: UploadId.parse('upl_01ARZ3NDEKTSV4RRFFQ69G5FAV'),
  chunk: index + 1,
}))

/** A queue whose requests end in `answer` instead of the network. */
const arrange = (answer: (input: SendMessageBatchCommandInput) => Partial<SendMessageBatchCommandOutput>) => {
  const sent: SendMessageBatchCommandInput[] = []
  const client = new SQSClient({ region: 'eu-west-1' })
  client.middlewareStack.add(
    () => async (args) => {
      const input = args.input as SendMessageBatchCommandInput
      sent.push(input)
      return { output: { $metadata: {}, ...answer(input) }, response: undefined }
    },
    { step: 'initialize', priority: 'high' },
  )
  return { queue: new SqsChunkQueue({ client, queueUrl: 'https://sqs.invalid/chunks' }), sent }
}
const all = ({ Entries = [] }: SendMessageBatchCommandInput) =>
  Entries.map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: undefined }))

test('sends tens of chunks, each with its trace', async () => {
  const { queue, sent } = arrange((input) => ({ Successful: all(input) }))
  await queue.send(chunks, { correlationId: 'c', traceparent: 't' })
  expect(sent.map(({ Entries = [] }) => Entries.length)).toEqual([10, 10, 3])
  expect(sent[2]?.Entries?.[2]).toEqual({
    Id: '23',
    MessageBody: JSON.stringify(chunks[22]),
    MessageAttributes: {
      correlationId: { DataType: 'String', StringValue: 'c' },
      traceparent: { DataType: 'String', StringValue: 't' },
    },
  })
})

test.each<[string, (input: SendMessageBatchCommandInput) => Partial<SendMessageBatchCommandOutput>, RegExp]>([
  [
    'an entry fails',
    (input) => ({
      Successful: all(input).filter(({ Id }) => Id !== '3'),
      Failed: [{ Id: '3', Code: 'InternalError', SenderFault: false, Message: 'try again' }],
    }),
    /1 chunks: 3 \(InternalError: try again\)/,
  ],
  ['an entry is in neither list', (input) => ({ Successful: all(input).slice(1) }), /1 chunks/],
])('throws when %s', async (_, answer, message) => {
  await expect(arrange(answer).queue.send(chunks, { correlationId: 'c' })).rejects.toThrow(message)
})
