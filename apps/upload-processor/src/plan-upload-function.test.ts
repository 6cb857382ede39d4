import type { FileAddress } from '@stockroom/domain/upload/delivery-files'
import { uploadShop } from '@stockroom/domain/upload/upload-shop'
import { capturedOutput } from '@stockroom/lambda/captured-output'
import { invocationOf } from '@stockroom/lambda/invocation-of'
import type { SQSRecord } from 'aws-lambda'
import { expect, test } from 'vitest'
import { planUploadFunction } from './plan-upload-function.ts'

const keyOf = ({ merchant, uploadId }: FileAddress) => `uploads/${merchant}/${uploadId}.csv`
const aRecord = (key: string, { eventName = 'ObjectCreated:Post', sequencer = '0A' } = {}) => ({
  eventSource: 'aws:s3',
  eventName,
  s3: { bucket: { name: 'uploads' }, object: { key, sequencer } },
})
const aMessage = (messageId: string, body: unknown): SQSRecord => ({
  messageId,
  receiptHandle: '',
  body: JSON.stringify(body),
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: '',
  awsRegion: 'eu-west-1',
})

const arrange = () => {
  capturedOutput()
  const shop = uploadShop()
  const entry = planUploadFunction(shop.planUpload)
  /** Hands over the messages and tells which of them come back. */
  const deliver = async (...bodies: readonly unknown[]) => {
    const Records = bodies.map((body, index) => aMessage(`m-${index}`, body))
    const { batchItemFailures } = await entry({ Records }, invocationOf('request-1'))
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
  }
  const uploaded = async (rows = 1) => {
    const address = await shop.request()
    shop.files.put(address, Buffer.from(`sku,name,quantity,unit_price\n${'tea,Tea,1,1\n'.repeat(rows)}`))
    return address
  }
  const statusOf = async ({ merchant, uploadId }: FileAddress) =>
    (await shop.uploads.find(merchant, uploadId))?.status
  return { shop, deliver, uploaded, statusOf }
}

test('what is no news of an object is done with', async () => {
  const { shop, deliver, uploaded } = arrange()
  const removed = aRecord(keyOf(await uploaded()), { eventName: 'ObjectRemoved:Delete' })
  const testEvent = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'uploads' }
  expect(await deliver(testEvent, { Records: [] }, { Records: [removed] })).toEqual([])
  expect(shop.outbox).toEqual([])
})

test.each([
  ['a key with blanks', 'a+b%2Bc.csv'],
  ['a key with a percent sign', '%C3%BC%2520.csv'],
  ['a key with = and &', 'dir/x%3D1%26y.csv'],
  ['a folder', 'uploads/acme/'],
  ['an upload’s key and a slash', 'uploads/acme/upl_00000000000000000000000001.csv/'],
  ['an emoji', 'uploads/acme/%F0%9F%98%80.csv'],
  ['a key as long as S3 takes', 'x'.repeat(1_024)],
  ['a key that cannot be decoded', '%'],
])('a message about %s, which no form allows, comes back until it is parked', async (_, key) => {
  const { shop, deliver } = arrange()
  expect(await deliver({ Records: [aRecord(key)] })).toEqual(['m-0'])
  expect(shop.outbox).toEqual([])
})

test('an object that cannot be planned holds up none beside it, in its message or another', async () => {
  const { deliver, uploaded, statusOf } = arrange()
  const [first, second, third] = [await uploaded(), await uploaded(), await uploaded()]
  const unknown = { ...first, uploadId: third.uploadId.replace(/.$/, 'Z') }
  const failed = await deliver(
    {
      Records: [
        aRecord(keyOf(first)),
        aRecord('somebody/elses.csv'),
        aRecord(`uploads/${unknown.merchant}/${unknown.uploadId}.csv`),
        aRecord(keyOf(second)),
      ],
    },
    { Records: [aRecord(keyOf(third))] },
  )
  expect(failed).toEqual(['m-0'])
  for (const address of [first, second, third]) expect(await statusOf(address)).toBe('importing')
})

test('news of one object three times, and older news after newer, import once what stands there', async () => {
  const { shop, deliver, uploaded } = arrange()
  const address = await uploaded(3)
  // Compared as text these would be in the wrong order, and of unequal lengths; nothing here compares them.
  const newer = { Records: [aRecord(keyOf(address), { sequencer: 'A1' })] }
  const older = { Records: [aRecord(keyOf(address), { sequencer: '0FF0' })] }
  expect(await deliver(newer, newer, newer, older)).toEqual([])
  for (const { address: chunk, cause } of shop.queue.messages.splice(0)) await shop.importChunk(chunk, cause)
  const { stock, upload, events } = await shop.outcome(address)
  expect([stock, upload?.status]).toEqual([{ tea: 3 }, 'imported'])
  expect(events.map(({ type }) => type).toSorted()).toEqual([
    'stock.received.v1',
    'upload.imported.v1',
    'upload.planned.v1',
  ])
})
